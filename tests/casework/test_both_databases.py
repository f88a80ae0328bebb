"""The whole way of a case through the staff side, on either database."""

from tests.casework.world import World
from vault.database import Database


def test_a_case_is_taken_read_answered_closed_and_opened_again(any_database: Database) -> None:
    world = World(any_database)
    filed = world.file("hello", by_text=True)
    other = world.file("by the form")
    page_id = world.page(filed)
    member = world.signed_in("ana")
    assert "2:14" in member.get("/").text
    taken = member.post(f"/page/{page_id}/acknowledge")
    assert "Ana Example has this case." in member.get(taken.headers["Location"]).text
    assert member.post(f"/case/{filed.reference}/reply", text="Are you safe?", seen=1).status_code == 303
    assert member.post(f"/case/{other.reference}/reply", text="Thank you.", seen=1).status_code == 303
    assert world.read_with_receipt(other)[1].text == "Thank you."
    closed = member.post(f"/case/{filed.reference}/close", seen=2, contact="reached", finding="partly")
    assert closed.headers["Location"] == "/?notice=closed"
    assert filed.reference in member.get("/?show=closed").text
    assert member.post(f"/case/{filed.reference}/reopen").status_code == 303
    assert "Unread" not in member.get("/").text.partition(filed.reference)[2][:400]
