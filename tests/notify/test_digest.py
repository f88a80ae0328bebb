"""The morning text: once a day, to whoever is on call, only where something waits."""

from collections.abc import Mapping
from functools import partial

import pytest
from sqlalchemy.orm import Session

from notify import digest
from tests.notify.world import LINE, World
from vault.database import Database
from vault.keyed import seal_to_line

HOUR = 3600
# From the afternoon to half past seven the next morning, in the school's zone.
MORNING = 16.5 * HOUR


@pytest.fixture
def world(any_database: Database) -> World:
    """It is half past seven in the morning."""
    world = World.with_counselors(any_database)
    world.pass_time(MORNING)
    return world


def run(world: World, waiting: Mapping[str, int]) -> int:
    def counts(session: Session, school: str) -> Mapping[str, int]:
        assert session
        return waiting if school == "north" else {}

    with world.database.writing() as session:
        seal = partial(seal_to_line, LINE.public)
        posted = digest.send_due(session, world.clock.moment, world.settings, counts, seal)
    world.deliver_due()
    return posted


def test_digest_goes_at_half_past_seven_to_those_on_call(world: World) -> None:
    world.pass_time(-1)
    assert run(world, {"prompt": 2, "routine": 1}) == 0
    world.pass_time(1)
    assert run(world, {"prompt": 2, "routine": 1}) == 2
    assert world.carrier.to(world.phone["ana"]) == [
        "Tipline: good morning. Not yet read: 2 prompt, 1 routine. Please sign in."
    ]
    assert world.carrier.to(world.phone["dan"])
    assert not world.carrier.to(world.phone["ben"])


def test_a_morning_text_that_comes_four_hours_late_is_for_the_next_morning(world: World) -> None:
    world.pass_time(4 * HOUR)
    assert run(world, {"prompt": 1}) == 0
    world.pass_time(20 * HOUR)
    assert run(world, {"prompt": 1}) == 2


def test_digest_goes_once_a_day(world: World) -> None:
    assert [run(world, {"prompt": 1}) for _ in range(3)] == [2, 0, 0]
    world.pass_time(24 * HOUR)
    assert run(world, {"prompt": 1}) == 2


def test_nothing_waiting_is_no_digest(world: World) -> None:
    assert run(world, {"prompt": 0, "routine": 0}) == 0
    assert not world.carrier.texts


def test_digest_is_in_the_language_of_its_reader(world: World) -> None:
    world.hire("luz", locale="es")
    world.rotate("district", "luz")
    run(world, {"routine": 3})
    assert "3 de rutina" in world.carrier.to(world.phone["luz"])[0]


def test_person_without_a_mobile_phone_gets_none(world: World) -> None:
    world.hire("old", channels=("voice",))
    world.rotate("front", "old")
    assert run(world, {"prompt": 1}) == 2
