"""A message counts as read only when somebody who can open it saw it: nothing else ends its deadline."""

from sqlalchemy import update

from notify.tables import Page
from tests.casework.world import Filed, World
from vault.tables import RecipientTeam

CLOSING = {"contact": "reached", "finding": "unfounded"}


def _told_the_district(world: World) -> Filed:
    """Counseling read the first message; a second one went to the district alone."""
    filed = world.file("a first word")
    world.signed_in("ana").get(f"/case/{filed.reference}")
    with world.database.writing() as session:
        session.add(RecipientTeam(report_id=filed.report_id, team_id="district"))
    world.write_again(filed, "it is about one of them", teams=("district",))
    return filed


def test_a_reply_by_somebody_who_cannot_open_the_newest_message_leaves_it_unread(world: World) -> None:
    filed = _told_the_district(world)
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    sent = member.post(f"/case/{filed.reference}/reply", text="Thank you.", seen=2)
    assert member.get(sent.headers["Location"].partition("#")[0]).status_code == 200
    assert world.report(filed).read_deadline is not None
    district = world.signed_in("dora")
    assert "Unread" in district.get("/").text
    assert "Unread" not in member.get("/").text
    district.get(f"/case/{filed.reference}")
    assert world.report(filed).read_deadline is None


def test_closing_by_somebody_who_cannot_open_the_newest_message_does_not_hide_it(world: World) -> None:
    filed = _told_the_district(world)
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    assert (
        member.post(f"/case/{filed.reference}/close", seen=2, **CLOSING).headers["Location"]
        == "/?notice=closed"
    )
    assert world.report(filed).read_deadline is not None
    assert filed.reference in world.signed_in("dora").get("/").text


def test_a_first_message_stays_unread_until_somebody_who_can_open_it_does(world: World) -> None:
    filed = world.file("a first word", teams=("counseling",))
    with world.database.writing() as session:
        session.add(RecipientTeam(report_id=filed.report_id, team_id="district"))
    world.write_again(filed, "it is about one of them", teams=("district",))
    world.signed_in("dora").get(f"/case/{filed.reference}")
    assert (world.report(filed).status, world.report(filed).read_deadline is None) == ("new", False)
    world.signed_in("ana").get(f"/case/{filed.reference}")
    world.signed_in("dora").get(f"/case/{filed.reference}")
    assert (world.report(filed).status, world.report(filed).read_deadline) == ("open", None)


def test_the_question_before_closing_does_not_count_as_having_read(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    shown = member.get(f"/case/{filed.reference}").text
    assert f'href="/case/{filed.reference}/close?seen=1"' in shown
    world.write_again(filed, "never mind the first, it is worse")
    asked = member.get(f"/case/{filed.reference}/close?seen=1")
    assert "Not closed: something new was written." in asked.text
    assert 'name="seen" value="1"' in asked.text
    answer = member.post(f"/case/{filed.reference}/close", seen=1, **CLOSING)
    assert (answer.status_code, 'name="seen" value="1"' in answer.text) == (409, True)
    again = member.post(f"/case/{filed.reference}/close", seen=1, contact="reached")
    assert 'name="seen" value="1"' in again.text
    assert world.report(filed).status != "closed"


def test_who_took_a_page_of_another_team_is_not_told(world: World) -> None:
    filed = _told_the_district(world)
    page_id = world.page(filed, teams=("district",))
    with world.database.writing() as session:
        taken = {"state": "acknowledged", "acknowledged_by": "dora", "acknowledged_at": 1}
        session.execute(update(Page).where(Page.id == page_id).values(taken))
    member = world.signed_in("ana")
    assert "Dora Example" not in member.get("/").text
    assert "Dora Example" not in member.get(f"/case/{filed.reference}").text
    assert "Dora Example has it" in world.signed_in("dora").get("/").text


def test_a_note_for_the_team_never_passes_for_an_answer(world: World) -> None:
    filed = world.file("hello")
    member = world.signed_in("ana")
    member.get(f"/case/{filed.reference}")
    member.post(f"/case/{filed.reference}/close", seen=1, note="We will call you.", **CLOSING)
    member.get(f"/case/{filed.reference}")
    answer = member.post(f"/case/{filed.reference}/reply", seen=1, text="We will call you.")
    assert answer.status_code == 409
    assert "Not sent" in answer.text
