"""What is wrong with who is called is said in time; whoever begins a shift hears of it the evening before."""

import json
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import delete, select, update

from notify import findings, plans, reminders
from notify.duty_tables import ContactMethod, Responder, RosterPlan, Rotation
from notify.tables import Attempt
from tests.notify.test_oncall import HOUR, at, layer
from tests.notify.world import LINE, World
from vault.database import Database
from vault.keyed import seal_to_line

SUNDAY_EVENING = at("2026-11-22 18:00")
MORNING = at("2026-11-19 07:30")
SEAL = partial(seal_to_line, LINE.public)
BEN_BEGINS = "Tipline: you are on call for counseling from Mon, Nov 23, 8:00 AM to Mon, Nov 30, 8:00 AM."

REFUSED = (
    "Ana's phone refuses our texts, because it sent STOP. They must text START to the number that pages them."
)


@pytest.fixture
def world(database: Database) -> World:
    """Every phone is verified."""
    world = World.with_counselors(database)
    with database.writing() as session:
        session.execute(update(ContactMethod).values(verified_at=0))
    return world


def remind(world: World) -> int:
    with world.database.writing() as session:
        posted = reminders.remind_due(session, world.clock.moment, world.settings, SEAL)
    world.deliver_due()
    return posted


def warn(world: World, *teams: str) -> int:
    with world.database.writing() as session:
        told = {"north": teams}
        posted = reminders.warn_due(session, world.clock.moment, world.settings, told, SEAL)
    world.deliver_due()
    return posted


def found(world: World) -> list[str]:
    with world.database.reading() as session:
        return [one.said("en") for one in findings.look(session, world.clock.moment, world.settings, "north")]


def test_whose_week_begins_tomorrow_hears_it_once_the_evening_before(world: World) -> None:
    world.clock.moment = SUNDAY_EVENING - 60_000
    assert remind(world) == 0
    world.clock.moment = SUNDAY_EVENING
    assert remind(world) == 1
    assert world.carrier.to(world.phone["ben"]) == [BEN_BEGINS]
    assert world.carrier.to(world.phone["ana"]) == []
    world.clock.moment += HOUR
    assert remind(world) == 0
    world.clock.moment += 24 * HOUR
    assert remind(world) == 0


def test_a_reminder_comes_hours_late_but_not_at_night_and_in_their_language(world: World) -> None:
    with world.database.writing() as session:
        session.execute(update(Responder).where(Responder.id == "r-ben").values(locale="es"))
    world.clock.moment = SUNDAY_EVENING + 4 * HOUR
    assert remind(world) == 0
    world.clock.moment -= 60_000
    assert remind(world) == 1
    assert world.carrier.to(world.phone["ben"])[-1].startswith(
        "Tipline: usted está de guardia en counseling desde lun, 23 nov"
    )


def test_nobody_is_reminded_where_the_school_wants_none(world: World) -> None:
    world.settings = replace(world.settings, remind_at="")
    world.clock.moment = SUNDAY_EVENING
    assert remind(world) == 0


def test_all_is_well_and_nobody_is_told_anything(world: World) -> None:
    assert found(world) == []
    world.clock.moment = MORNING
    assert warn(world, "liaison") == 0


def test_gaps_of_two_weeks_are_said_with_their_hours(world: World) -> None:
    days = layer(people=("r-ana", "r-ben"), begins="00:00", ends="00:00", days=(0, 1, 2, 3, 4, 5))
    with world.database.writing() as session:
        session.add(RosterPlan(team_id="counseling", layers=plans.text_of([days])))
    assert found(world) == [
        "Nobody is on call for counseling from Sun, Nov 22, 12:00 AM to Mon, Nov 23, 12:00 AM.",
        "Nobody is on call for counseling from Sun, Nov 29, 12:00 AM to Mon, Nov 30, 12:00 AM.",
    ]


def test_phones_that_fail_refuse_or_were_never_checked_are_said_by_name_and_not_by_number(
    world: World,
) -> None:
    world.open(teams=("counseling", "liaison"))
    with world.database.writing() as session:
        session.execute(update(Attempt).values(state="delivered"))
        anas = update(Attempt).where(Attempt.method_id == "ana-sms")
        session.execute(anas.values(state="failed", error_code="21610"))
        dans = update(Attempt).where(Attempt.method_id == "dan-voice")
        session.execute(dans.values(state="failed", error_code="30003"))
        session.execute(update(ContactMethod).where(ContactMethod.id == "ben-sms").values(verified_at=None))
        session.execute(delete(ContactMethod).where(ContactMethod.responder_id == "r-cleo"))
    said = found(world)
    assert said == [
        REFUSED,
        "A way to reach Ben was never verified by a code.",
        "Cleo takes turns in counseling and cannot be called.",
        "The last text or call to Dan did not arrive.",
    ]
    assert not any(number in line for number in world.phone.values() for line in said)


@pytest.mark.parametrize("code", ["no-answer", "busy", "20003"])
def test_a_call_that_nobody_took_is_no_broken_phone(world: World, code: str) -> None:
    """Whoever answers by text lets it ring: two weeks of mornings would say that they cannot be called."""
    world.open()
    with world.database.writing() as session:
        session.execute(update(Attempt).values(state="failed", error_code=code))
    assert found(world) == []


def test_what_failed_once_and_arrived_since_is_forgotten(world: World) -> None:
    page = world.open()
    with world.database.writing() as session:
        session.execute(update(Attempt).values(state="failed", error_code="30003"))
    world.pass_time(300)
    with world.database.writing() as session:
        again = update(Attempt).where(Attempt.page_id == page, Attempt.created_at == world.clock.moment)
        session.execute(again.values(state="delivered"))
    assert "The last text or call to Ana did not arrive." in found(world)
    with world.database.writing() as session:
        newest = select(Attempt).where(Attempt.method_id.like("ana-%"))
        for attempt in session.scalars(newest).all():
            attempt.state = "delivered"
    assert not any("Ana" in line for line in found(world))


def test_steps_for_nobody_are_said(world: World) -> None:
    steps = ("ann by voice, wait 2 min", "on_call of chess, wait 2 min", "everyone, wait 5 min")
    world.settings = replace(world.settings, policies={"urgent": steps})
    assert found(world) == [
        "A step of the paging policy is for nobody: ann by voice, wait 2 min.",
        "A step of the paging policy is for nobody: on_call of chess, wait 2 min.",
    ]


def test_administrators_hear_once_a_morning_how_much_and_what_first(world: World) -> None:
    with world.database.writing() as session:
        session.execute(
            update(Rotation).where(Rotation.team_id == "counseling").values(responders=json.dumps([]))
        )
    world.clock.moment = MORNING
    assert [warn(world, "liaison"), warn(world, "liaison")] == [1, 0]
    (text,) = world.carrier.to(world.phone["dan"])
    assert text.startswith("Tipline: 1 to mend before somebody is needed. Nobody is on call for counseling")
    world.clock.moment += 24 * HOUR
    assert warn(world, "liaison") == 1
