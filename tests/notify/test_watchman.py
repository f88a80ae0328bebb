"""The watchman finds what must not be, puts it right, and says so."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Text, bindparam, select, text, update

from notify import vitals
from notify.states import ATTEMPT, PAGE, unknown
from notify.tables import Attempt
from notify.watchman import Watchman
from tests.notify.test_races import at_once
from tests.notify.world import World
from vault.database import Database


@pytest.fixture
def watchman(world: World) -> Iterator[Watchman]:
    own = Database(world.database.url, pool_size=1)
    yield Watchman(own, world.clock, world.alarms)
    own.close()


def spoil(world: World, sql: str) -> None:
    with world.database.writing() as session:
        session.connection().exec_driver_sql(sql)


def test_all_is_well_while_pages_have_deadlines(world: World, watchman: Watchman) -> None:
    world.open()
    world.open("urgent", subject="two")
    assert watchman.look() == ()
    world.text("ana", world.code_of("ana"))
    assert watchman.look() == ()
    assert world.alarms.sounded == []


def test_page_without_a_deadline_gets_one(world: World, watchman: Watchman) -> None:
    page = world.open()
    spoil(world, "UPDATE page SET next_at = NULL")
    assert watchman.look() == ("page_without_deadline",)
    assert world.page(page).next_at == world.clock.moment
    world.pass_time(0)
    assert world.phone["ben"] in world.carrier.rung()
    assert watchman.look() == ()


def test_acknowledged_page_that_nobody_opens_is_watched_too(world: World, watchman: Watchman) -> None:
    world.open()
    world.text("ana", world.code_of("ana"))
    world.clock.moment += 600_000 + 15_001
    assert watchman.look() == ("page_deadline_missed",)


def test_opened_page_needs_none(world: World, watchman: Watchman) -> None:
    world.open()
    world.text("ana", world.code_of("ana"))
    world.read_case("ana")
    assert watchman.look() == ()


def test_deadline_beyond_a_day_is_brought_back(world: World, watchman: Watchman) -> None:
    page = world.open()
    spoil(world, "UPDATE page SET next_at = next_at + 90000000")
    assert watchman.look() == ("page_deadline_too_far",)
    assert world.page(page).next_at == world.clock.moment


HOUR = 3_600_000


def change(world: World, **facts: object) -> None:
    """Of every attempt."""
    with world.database.writing() as session:
        session.execute(update(Attempt).values(facts))


def note_pulse(world: World) -> None:
    with world.database.writing() as session:
        vitals.note(session, world.clock.moment, vitals.WATCHMAN)


def test_after_a_clock_was_set_back_everything_comes_when_it_would_have_come(world: World) -> None:
    """Of two watchmen who see it at the same moment one moves the deadlines."""
    page = world.open("urgent")
    change(world, state="due", due_at=world.clock.moment + 60_000)
    note_pulse(world)
    world.clock.moment -= HOUR
    at_once(*[partial(looked, world)] * 2)
    assert world.page(page).next_at == world.clock.moment + 120_000
    assert {one.due_at for one in world.attempts()} == {world.clock.moment + 60_000}
    assert "clock_set_back" in world.alarms.sounded
    note_pulse(world)
    assert looked(world) == ()


def looked(world: World) -> tuple[str, ...]:
    with closing(Database(world.database.url, pool_size=1)) as own:
        return Watchman(own, world.clock, world.alarms).look()


def test_a_delivery_that_broke_off_before_the_clock_was_set_back_is_not_held_for_an_hour(
    world: World, watchman: Watchman
) -> None:
    world.open()
    change(world, state="claimed", token="gone", lease_until=world.clock.moment + 3_000)
    note_pulse(world)
    world.clock.moment -= HOUR
    assert watchman.look() == ("clock_set_back",)
    world.pass_time(4)
    assert not world.attempts(state="claimed")


def test_a_beat_of_his_between_the_clock_and_his_look_hides_nothing(world: World, watchman: Watchman) -> None:
    page = world.open("urgent")
    note_pulse(world)
    world.clock.moment -= HOUR
    note_pulse(world)
    assert watchman.look() == ("clock_set_back",)
    assert world.page(page).next_at == world.clock.moment + 120_000


def test_a_clock_that_differs_by_a_moment_moves_nothing(world: World, watchman: Watchman) -> None:
    page = world.open("urgent")
    note_pulse(world)
    world.clock.moment -= 3_000
    assert watchman.look() == ()
    assert world.page(page).next_at == world.clock.moment + 123_000


def test_missed_deadline_means_nobody_sweeps(world: World, watchman: Watchman) -> None:
    world.open()
    world.clock.moment += 120_000 + 15_001
    assert watchman.look() == ("page_deadline_missed",)


def test_stuck_attempt_is_due_again(world: World, watchman: Watchman) -> None:
    world.open("urgent")
    spoil(world, "UPDATE attempt SET state = 'claimed', lease_until = NULL")
    assert watchman.look() == ("attempt_stuck",)
    assert [row.state for row in world.attempts()] == ["due"]


def test_stuck_attempt_of_a_taken_page_is_cancelled(world: World, watchman: Watchman) -> None:
    world.open("urgent")
    world.text("ana", world.code_of("ana"))
    spoil(world, "UPDATE attempt SET state = 'claimed', lease_until = NULL")
    watchman.look()
    assert [row.state for row in world.attempts()] == ["cancelled"]


def test_attempt_hidden_by_a_long_hint_is_shown(world: World, watchman: Watchman) -> None:
    world.open("urgent")
    spoil(world, "UPDATE attempt SET state = 'due', hinted_until = due_at + 60000")
    assert watchman.look() == ("attempt_hidden",)
    assert len(world.due()) == 1


def test_page_that_every_carrier_refuses_sounds_the_alarm(world: World, watchman: Watchman) -> None:
    world.open()
    spoil(world, "UPDATE attempt SET state = 'failed'")
    assert watchman.look() == ()
    world.clock.moment += 15_001
    assert watchman.look() == ("page_reached_nobody",)
    spoil(world, "UPDATE attempt SET state = 'sent' WHERE channel = 'voice'")
    assert watchman.look() == ()


def test_silent_pager_sounds_the_alarm_once_it_had_time_to_begin(world: World, watchman: Watchman) -> None:
    with world.database.writing() as session:
        vitals.note(session, world.clock.moment, vitals.PAGER)
    world.clock.moment += 15_001
    assert watchman.look() == ()
    watchman.patience_s = 0
    assert watchman.look() == ("pager_silent",)


def test_pager_that_never_began_is_silent_too(watchman: Watchman) -> None:
    """Otherwise the heartbeat outside would go on for an install on which nobody delivers."""
    assert watchman.look() == ()
    watchman.patience_s = 0
    assert watchman.look() == ("pager_silent",)


def test_attempt_in_a_state_of_a_later_release_is_due_again(world: World, watchman: Watchman) -> None:
    world.open("urgent")
    spoil(world, "UPDATE attempt SET state = 'parked'")
    assert watchman.look() == ()
    world.clock.moment += 15_001
    assert "attempt_of_unknown_state" in watchman.look()
    assert len(world.due()) == 1


def test_no_state_of_a_later_release_pages_for_what_somebody_has(world: World, watchman: Watchman) -> None:
    world.open("urgent")
    world.text("ana", world.code_of("ana"))
    spoil(world, "UPDATE attempt SET state = 'parked'")
    world.clock.moment += 15_001
    watchman.look()
    assert [row.state for row in world.attempts()] == ["cancelled"]


def test_page_in_a_state_of_a_later_release_goes_on_at_its_deadline(world: World) -> None:
    page = world.open()
    spoil(world, "UPDATE page SET state = 'parked'")
    world.pass_time(119)
    assert world.page(page).state == "parked"
    world.pass_time(1)
    assert world.page(page).state == "open"
    assert world.phone["ben"] in world.carrier.rung()


@pytest.mark.parametrize("known", [ATTEMPT, PAGE])
def test_every_state_is_either_known_or_not(world: World, known: tuple[str, ...]) -> None:
    words = [*known, *(f"{one}x" for one in known), *(one[:-1] for one in known), "aa", "zz"]
    is_unknown = select(text(unknown("state", known))).select_from(
        select(bindparam("word", type_=Text).label("state")).subquery()
    )
    with world.database.reading() as session:
        found = {word for word in words if session.scalar(is_unknown, {"word": word})}
    assert found == set(words) - set(known)


def test_attempt_that_nobody_sends_sounds_the_alarm(world: World, watchman: Watchman) -> None:
    world.open("urgent")
    spoil(world, "UPDATE attempt SET state = 'due'")
    world.clock.moment += 15_001
    assert watchman.look() == ("page_reached_nobody", "attempt_late")


def test_alarm_that_lasts_is_not_sounded_every_second(world: World, watchman: Watchman) -> None:
    world.open()
    world.clock.moment += 1_000_000
    for _ in range(5):
        watchman.look()
    assert world.alarms.sounded == ["page_deadline_missed"]


def test_database_out_of_reach_sounds_the_alarm(world: World, tmp_path: Path) -> None:
    nowhere = Database(f"sqlite:///{tmp_path / 'no' / 'such.db'}")
    assert Watchman(nowhere, world.clock, world.alarms).look() == ("database_unreachable",)
    assert world.alarms.sounded == ["database_unreachable"]
