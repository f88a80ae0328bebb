"""Calendars: valid to the byte, in UTC, with shifts and nothing else, for as long as the address stands."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from notify import feeds, ics, plans
from notify.duty_tables import CalendarFeed, RosterPlan
from notify.ics import Event
from tests.notify.test_oncall import layer
from tests.notify.world import AFTERNOON, World
from vault.database import Database

HOUR = 3_600_000


@pytest.fixture
def world(database: Database) -> World:
    return World.with_counselors(database)


def lines(text: str) -> list[str]:
    """The content lines of a calendar, unfolded as RFC 5545 3.1 has it."""
    assert text.endswith("\r\n")
    raw = text[:-2].split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in raw)
    return "\r\n".join(raw).replace("\r\n ", "").split("\r\n")


def events(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for line in lines(text):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and not line.startswith("END:"):
            found[-1][name] = value
    return found


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=200))
def test_any_words_survive_folding_and_escaping(words: str) -> None:
    (event,) = events(ics.calendar("duty", 0, [Event("a@tipline", 0, HOUR, words)]))
    kept = event["SUMMARY"].replace("\\\\", "\0").replace("\\n", "\n")
    assert kept.replace("\\;", ";").replace("\\,", ",").replace("\0", "\\") == words


def test_a_calendar_has_what_the_standard_asks_for() -> None:
    text = ics.calendar("duty", AFTERNOON, [Event("a@tipline", AFTERNOON, AFTERNOON + HOUR, "On call")])
    found = lines(text)
    assert found[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{ics.PRODUCT}"]
    assert found[-1] == "END:VCALENDAR"
    (event,) = events(text)
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"} <= set(event)
    assert (event["DTSTART"], event["DTEND"]) == ("20261118T200000Z", "20261118T210000Z")


def calendar(world: World, **whose: str | None) -> str | None:
    facts = {"team": None, "responder": None} | whose
    with world.database.writing() as session:
        _, token = feeds.create(session, world.clock.moment, **facts)
        return feeds.calendar_of(session, world.clock.moment, token)


def test_a_persons_calendar_has_their_weeks_across_a_clock_change_and_nobody_elses(world: World) -> None:
    text = calendar(world, responder="r-ana")
    assert text
    found = events(text)
    assert {one["SUMMARY"] for one in found} == {"On call for counseling"}
    assert not {"Ben", "Cleo"} & set(text.replace(":", " ").split())
    # Of three who take turns of a week she has every third; in March hers begins an hour earlier in UTC.
    assert len(found) in (10, 11)
    assert {one["DTSTART"][-7:] for one in found[1:]} == {"130000Z", "120000Z"}
    assert len({one["UID"] for one in found}) == len(found)


def test_a_teams_calendar_names_who_and_says_where_nobody_is(world: World) -> None:
    days = layer(people=("r-ana",), begins="07:00", ends="18:00", days=(0, 1, 2, 3, 4))
    with world.database.writing() as session:
        session.add(RosterPlan(team_id="counseling", layers=plans.text_of([days])))
    text = calendar(world, team="counseling")
    assert text
    found = events(text)
    assert {one["SUMMARY"] for one in found} == {
        "Ana is on call for counseling",
        "NOBODY is on call for counseling",
    }
    assert all(one["DTEND"] == other["DTSTART"] for one, other in pairwise(found))
    world.clock.moment += 60_000
    again = calendar(world, team="counseling")
    assert again
    assert [one["UID"] for one in events(again)] == [one["UID"] for one in found]


def test_an_address_that_was_not_given_out_or_was_taken_back_shows_nothing(world: World) -> None:
    with world.database.writing() as session:
        feed_id, token = feeds.create(session, world.clock.moment, team="counseling", responder=None)
        assert feeds.calendar_of(session, world.clock.moment, token)
        assert feeds.calendar_of(session, world.clock.moment, token[:-1]) is None
        row = session.scalars(select(CalendarFeed)).one()
        assert token not in json.dumps([row.id, row.token_key])
        session.delete(session.get_one(CalendarFeed, feed_id))
        session.flush()
        assert feeds.calendar_of(session, world.clock.moment, token) is None
