"""The button "I have it"."""

from notify.tables import Page
from tests.casework.world import World


def test_taking_a_case_leads_to_it_and_says_so_to_all(world: World) -> None:
    filed = world.file("hello")
    page_id = world.page(filed)
    member = world.signed_in("ana")
    member.get("/")
    answer = member.post(f"/page/{page_id}/acknowledge")
    assert answer.headers["Location"] == f"/case/{filed.reference}?notice=acknowledged"
    shown = member.get(answer.headers["Location"]).text
    assert "You have it. The phones stop." in shown
    assert "I have it" not in shown
    assert "Ana Example has this case." in world.signed_in("ben").get(f"/case/{filed.reference}").text
    with world.database.reading() as session:
        page = session.get_one(Page, page_id)
    assert (page.state, page.acknowledged_by) == ("acknowledged", "ana")
    assert world.waker.woken == 1


def test_the_second_one_is_told_that_somebody_was_faster(world: World) -> None:
    filed = world.file("hello")
    page_id = world.page(filed)
    slow, fast = world.signed_in("ben"), world.signed_in("ana")
    slow.get("/")
    fast.get("/")
    fast.post(f"/page/{page_id}/acknowledge")
    answer = slow.post(f"/page/{page_id}/acknowledge")
    shown = slow.get(answer.headers["Location"]).text
    assert "Somebody else was faster" in shown
    assert "Ana Example has this case." in shown


def test_only_somebody_who_can_open_the_case_can_take_it(world: World) -> None:
    page_id = world.page(world.file("hello"))
    outsider = world.signed_in("dora")
    outsider.get("/")
    answer = outsider.post(f"/page/{page_id}/acknowledge")
    assert answer.headers["Location"] == "/?notice=cannot_open"
    assert "it is not for your team" in outsider.get(answer.headers["Location"]).text
    with world.database.reading() as session:
        assert session.get_one(Page, page_id).state == "open"


def test_a_page_that_does_not_exist_is_not_found(world: World) -> None:
    member = world.signed_in("ana")
    member.get("/")
    assert member.post("/page/0000/acknowledge").status_code == 404


def test_looking_takes_nothing_whatever_address_a_scanner_of_links_opens(world: World) -> None:
    filed = world.file("hello")
    page_id = world.page(filed)
    member = world.signed_in("ana")
    for address in (f"/case/{filed.reference}", f"/page/{page_id}/proof", f"/page/{page_id}/acknowledge"):
        member.get(address)
        world.browser().get(address)
    assert member.get(f"/page/{page_id}/acknowledge").status_code == 405
    with world.database.reading() as session:
        assert session.get_one(Page, page_id).state == "open"
