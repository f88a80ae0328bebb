"""Calendar addresses of one's own; what a team shares ends when somebody leaves, and the others hear so."""

import re

import pytest
from sqlalchemy import select

from notify import feeds
from notify.duty_tables import CalendarFeed, ContactMethod, Responder
from notify.tables import Attempt
from tests.casework.test_offering import enter
from tests.casework.world import Browser, World
from vault.database import Database


@pytest.fixture
def world(database: Database) -> World:
    """Ana and Ben can be called."""
    world = World(database)
    with database.writing() as session:
        for login in ("ana", "ben"):
            way = {"id": login, "responder_id": f"r-{login}", "channel": "sms"}
            session.add(ContactMethod(**way, sealed_address=b"", address_key=login))
    return world


def address(browser: Browser, team: str = "") -> str:
    """The path of a new one, as the view shows it."""
    browser.get("/ways")
    found = re.search(
        r"https://staff\.example\.test(/calendar/[\w-]+\.ics)", browser.post("/ways/calendar", team=team).text
    )
    assert found
    return found.group(1)


def kept(world: World) -> set[tuple[str | None, str | None]]:
    with world.database.reading() as session:
        rows = session.scalars(select(CalendarFeed))
        return {(row.team_id, row.responder_id) for row in rows}


def shared(world: World, team: str) -> str:
    """An address that the operator made for a whole team."""
    with world.database.writing() as session:
        _, token = feeds.create(session, world.clock.moment, team=team, responder=None)
    return f"/calendar/{token}.ics"


def verbs(world: World) -> list[str]:
    return [verb for _, verb, _ in world.audited() if verb.startswith("feed")]


def told(world: World) -> list[str | None]:
    with world.database.reading() as session:
        return list(session.scalars(select(Attempt.responder_id).where(Attempt.kind == "feed_ended")))


def test_a_member_makes_an_address_that_a_new_one_replaces_and_ends_it(world: World) -> None:
    ana, stranger = enter(world, "ana"), world.browser()
    first = address(ana)
    assert stranger.get(first).content_type.startswith("text/calendar")
    assert ".ics" not in ana.get("/ways").text, "shown once"
    second = address(ana)
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    assert "End the one you have" in ana.get("/ways").text
    assert ana.post("/ways/calendar/end", team="").location == "/ways?notice=calendar_ended"
    assert stranger.get(second).status_code == 404
    assert verbs(world) == ["feed_created", "feed_revoked", "feed_created", "feed_revoked"]


def test_of_a_team_too_but_not_of_anothers(world: World) -> None:
    ana = enter(world, "ana")
    address(ana, "counseling")
    address(ana)
    assert kept(world) == {("counseling", "r-ana"), (None, "r-ana")}
    assert ana.post("/ways/calendar", team="social_work").status_code == 404
    assert ana.get("/ways/calendar").status_code == 405
    assert enter(world, "sol").post("/ways/calendar", team="").status_code == 400


def test_who_leaves_the_team_takes_no_calendar_of_it_along_and_the_others_hear_so(world: World) -> None:
    ana, ben, stranger = enter(world, "ana"), enter(world, "ben"), world.browser()
    old, bens, anas = shared(world, "counseling"), address(ben, "counseling"), address(ana, "counseling")
    bens_own = address(ben)
    ana.get("/people")
    answer = ana.post("/people/take-out", team="counseling", member="ben", everywhere="no")
    assert answer.location.endswith("notice=taken_out")
    assert [stranger.get(one).status_code for one in (old, bens, bens_own, anas)] == [404, 404, 404, 200]
    assert told(world) == ["r-ana"]
    assert verbs(world)[-3:] == ["feed_revoked"] * 3


def test_who_leaves_altogether_is_called_no_more_and_has_no_calendar(world: World) -> None:
    ana, ben = enter(world, "ana"), enter(world, "ben")
    address(ben)
    ana.get("/people")
    ana.post("/people/take-out", team="counseling", member="ben", everywhere="yes")
    assert kept(world) == set()
    assert told(world) == [], "no shared address ended"
    with world.database.reading() as session:
        assert not session.get_one(Responder, "r-ben").active


def test_without_the_form_there_is_none(world: World) -> None:
    assert enter(world, "ana").post("/ways/calendar", team="").status_code == 400
    assert kept(world) == set()
