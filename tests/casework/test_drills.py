"""The button that makes phones ring: for whoever runs the school, slowly, with one page of result."""

import pytest
from sqlalchemy import select

from notify.drills import MINUTE_MS
from notify.paging import PageRequest, open_page
from notify.settings import PagingSettings
from notify.tables import Attempt
from tests.casework.test_pages import with_administrators
from tests.casework.world import SCHOOL, Browser, World
from vault.drill_tables import Drill

HOUR = 60 * MINUTE_MS


def start(browser: Browser, school: str = SCHOOL.id) -> str:
    """Where the press leads."""
    browser.get("/drills/start")
    return browser.post("/drills/start", school=school).headers.get("Location", "")


def begun(world: World, drill_id: str, kind: str = "drill") -> str:
    """The public process took it; its page's id."""
    request = PageRequest(
        school=SCHOOL.id,
        subject=drill_id,
        reference="K7QM-29TX",
        urgency="immediate",
        wakes=True,
        teams=("counseling",),
        zone=SCHOOL.zone,
        kind=kind,
    )
    with world.database.writing() as session:
        session.get_one(Drill, drill_id).filed_at = world.clock.moment
        page_id = open_page(session, world.clock.moment, request, PagingSettings())
        tries = {"page_id": page_id, "school": SCHOOL.id, "rank": 0, "responder_id": "r-ana", "due_at": 0}
        created = world.clock.moment
        session.add_all(
            (
                Attempt(
                    id="a", channel="sms", state="failed", error_code="30034", created_at=created, **tries
                ),
                Attempt(
                    id="b",
                    channel="voice",
                    state="delivered",
                    created_at=created,
                    sent_at=created + 2_000,
                    delivered_at=created + 9_000,
                    **tries,
                ),
            )
        )
    assert page_id is not None
    return page_id


def test_whoever_runs_the_school_starts_a_drill_after_one_question(world: World) -> None:
    with_administrators(world)
    ben = world.signed_in("ben")
    assert 'href="/drills/start"' in ben.get("/drills").text
    asked = ben.get("/drills/start").text
    assert "Make phones ring now?" in asked
    assert "You may wake people." in asked
    to = ben.post("/drills/start", school=SCHOOL.id).headers["Location"]
    shown = ben.get(to).text
    assert "It begins within seconds" in shown
    assert '<meta http-equiv="refresh"' in shown
    assert ("member:ben", "drill_asked", "") in world.audited()
    with world.database.reading() as session:
        drill = session.get_one(Drill, to.removeprefix("/drill/"))
    assert (drill.school, drill.kind, drill.asked_by, drill.filed_at) == (SCHOOL.id, "drill", "ben", None)


def test_nobody_else_finds_the_button_or_its_address(world: World) -> None:
    with_administrators(world)
    ana = world.signed_in("ana")
    assert "/drills/start" not in ana.get("/drills").text
    assert ana.get("/drills/start").headers["Location"] == "/drills"
    assert ana.post("/drills/start", school=SCHOOL.id).status_code == 404
    assert start(world.signed_in("ben"), "elsewhere") == ""
    with world.database.reading() as session:
        assert session.scalars(select(Drill)).all() == []


def test_where_no_team_runs_the_school_any_member_may(world: World) -> None:
    assert start(world.signed_in("sol")).startswith("/drill/")


def test_phones_are_not_made_to_ring_again_within_the_hour_nor_all_day(world: World) -> None:
    ana = world.signed_in("ana")
    assert start(ana).startswith("/drill/")
    assert start(ana) == "/drills?notice=drill_too_soon"
    assert "Nobody was called." in ana.get("/drills?notice=drill_too_soon").text
    for _ in range(2):
        world.clock.moment += HOUR
        assert start(world.signed_in("ben")).startswith("/drill/")
    world.clock.moment += HOUR
    assert start(world.signed_in("ben")) == "/drills?notice=drill_too_soon"
    world.clock.moment += 22 * HOUR
    assert start(world.signed_in("ben")).startswith("/drill/")


def test_of_two_presses_in_one_moment_one_counts(world: World) -> None:
    """The second looked before the first was stored: the row of that hour refuses it."""
    world.drill(slot=world.clock.moment // HOUR)
    with world.database.writing() as session:
        session.query(Drill).update({"asked_at": 0})
    assert start(world.signed_in("ana")) == "/drills?notice=drill_too_soon"


def test_one_page_says_who_was_called_how_soon_and_what_failed(world: World) -> None:
    drill_id = world.drill()
    page_id = begun(world, drill_id)
    ana = world.signed_in("ana")
    shown = ana.get(f"/drill/{drill_id}").text
    assert "Nobody has answered yet" in shown
    assert "FAILED (30034)" in shown
    assert "left after 2.0 s, picked up, over after 9.0 s" in shown
    assert 'http-equiv="refresh"' in shown
    world.clock.moment += 42_000
    ana.post(f"/page/{page_id}/acknowledge")
    done = ana.get(f"/drill/{drill_id}").text
    assert "Ana Example answered after 42 s. Did not get through: 1" in " ".join(done.split())
    assert 'http-equiv="refresh"' not in done
    assert "Ana Example answered after 42 s" in ana.get("/drills").text
    assert f'href="/page/{page_id}/proof"' in done


def test_a_drill_that_never_began_says_so(world: World) -> None:
    drill_id = world.drill()
    world.clock.moment += 11 * MINUTE_MS
    assert "It never began: the form may be down" in world.signed_in("ana").get(f"/drill/{drill_id}").text


def test_a_weekly_test_is_answered_in_casework_too_and_leads_to_no_case(world: World) -> None:
    drill_id = world.drill(kind="self_test")
    page_id = begun(world, drill_id, "self_test")
    ana = world.signed_in("ana")
    inbox = ana.get("/").text
    assert "Weekly test: nobody is in danger, there is no case." in inbox
    assert 'href="/case/K7QM-29TX"' not in inbox
    to = ana.post(f"/page/{page_id}/acknowledge").headers["Location"]
    assert "The weekly test is answered." in ana.get(to).text


def test_a_weekly_test_is_answered_by_whom_it_calls_alone(world: World) -> None:
    page_id = begun(world, world.drill(kind="self_test"), "self_test")
    ben = world.signed_in("ben")
    assert "Weekly test" not in ben.get("/").text
    to = ben.post(f"/page/{page_id}/acknowledge").headers["Location"]
    assert "A weekly test is answered by whom it calls." in ben.get(to).text
    assert "Weekly test" in world.signed_in("ana").get("/").text


@pytest.mark.parametrize("address", ["/drill/none", "/drill/other"])
def test_a_drill_of_another_school_is_not_found(world: World, address: str) -> None:
    other = world.drill(school="south")
    assert world.signed_in("ana").get(address.replace("other", other)).status_code == 404


def test_past_drills_have_more_below(world: World) -> None:
    for _ in range(world.settings.inbox_length + 1):
        world.drill()
        world.clock.moment += MINUTE_MS
    ana = world.signed_in("ana")
    assert ana.get("/drills").text.count('href="/drill/') == world.settings.inbox_length
    assert ana.get(f"/drills?start={world.settings.inbox_length}").text.count('href="/drill/') == 1
