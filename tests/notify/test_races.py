"""Things that happen in the same moment: one of them is first, and the rows say which."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from notify import claiming, claims, handover
from notify.acknowledge import by_member
from notify.deliver import deliver
from notify.sweep import sweep
from notify.tables import Attempt, Page
from tests.notify.test_handover import away
from tests.notify.world import World
from tests.waiting import eventually
from vault.database import Database

ROUNDS = 15


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Start all of them together; what each returned."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def acknowledging(world: World, page_id: str, name: str) -> Callable[[], str]:
    def act() -> str:
        with world.database.writing() as session:
            return by_member(session, world.clock.moment, world.directory, page_id, f"m-{name}").kind

    return act


def test_of_three_in_the_same_moment_one_has_it(world: World) -> None:
    for number in range(ROUNDS):
        page = str(world.open("urgent", subject=f"case {number}"))
        kinds = at_once(*(acknowledging(world, page, name) for name in ("ana", "ben", "cleo")))
        assert sorted(map(str, kinds)) == ["acknowledged", "already", "already"]


def test_nothing_is_claimed_once_an_acknowledgement_is_committed(world: World) -> None:
    """The deadline fires, attempts go out and somebody takes the page, all in the same moment."""

    def sweeping() -> None:
        with world.database.writing() as session:
            sweep(session, world.clock.moment)

    def delivering() -> None:
        for attempt_id in world.due():
            deliver(world.desk, attempt_id)

    for number in range(ROUNDS):
        page = str(world.open("urgent", subject=f"case {number}"))
        world.clock.moment += 120_000
        at_once(sweeping, acknowledging(world, page, "ana"), delivering)
        assert world.page(page).state == "acknowledged"
        for row in world.attempts(page_id=page, kind="page"):
            with world.database.writing() as session:
                late = claiming.claim(session, world.clock, row.id, "late", 3000)
            assert late is None
        world.read_case("ana", f"case {number}")
        world.deliver_due()


def test_who_passes_does_not_wait_for_a_call_whose_end_is_being_recorded(
    postgresql_database: Database,
) -> None:
    """Whoever records it holds the attempt and waits for the page: two that wait for each other."""
    world = World.with_counselors(postgresql_database)
    world.open()
    with world.database.writing() as session:
        session.execute(
            update(Attempt).where(Attempt.channel == "voice").values(state="claimed", token="slow")
        )
    with ThreadPoolExecutor(1) as threads, world.database.writing() as session:
        assert claims.held(session, "slow")
        passing = threads.submit(world.text, "ana", "pass")
        assert passing.result(timeout=5).kind == "passed"


def test_what_another_relay_is_looking_at_is_claimed_all_the_same(postgresql_database: Database) -> None:
    """It holds the row for a moment, and then leaves it: whoever has the hint must not pass over it."""
    world = World.with_counselors(postgresql_database)
    with world.database.writing() as session:
        world.open_only(session)
    attempt_id, *_ = world.due()
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as threads:
        with world.database.writing() as session:
            assert session.scalar(select(Attempt.id).where(Attempt.id == attempt_id).with_for_update())
            delivering = threads.submit(deliver, world.desk, attempt_id)
            eventually(lambda: session.scalar(waiting))
        assert delivering.result(timeout=5) is True


def while_it_is_held(world: World, by: Callable[[Session], object], name: str, body: str) -> str:
    """What a text of ``name``'s does that comes while ``by`` changes the page and before it is committed."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as threads:
        with world.database.writing() as session:
            by(session)
            session.flush()
            answering = threads.submit(world.text, name, body)
            eventually(lambda: session.scalar(waiting))
        return answering.result(timeout=5).kind


def test_an_answer_in_the_moment_in_which_it_becomes_a_danger_to_many_is_one_of_two(
    postgresql_database: Database,
) -> None:
    world = World.with_counselors(postgresql_database)
    page = world.open()

    def danger(session: Session) -> None:
        assert world.open_only(session, acks=2) == page

    assert while_it_is_held(world, danger, "ana", world.code_of("ana")) == "one_more"
    assert world.page(page).state == "open"


def test_who_takes_what_they_were_offered_as_it_calls_again_has_it(postgresql_database: Database) -> None:
    world = World.with_counselors(postgresql_database)
    page = world.open()
    world.text("ana", world.code_of("ana"))
    with world.database.writing() as session:
        offered = session.get_one(Page, page)
        handover.offer(session, world.clock.moment, offered, "m-ben", world.settings)
    world.deliver_due()
    again = world.clock.moment + 600_000
    code = world.code_of("ben")
    assert while_it_is_held(world, lambda session: sweep(session, again), "ben", code) == "acknowledged"
    assert (world.page(page).state, world.page(page).acknowledged_by) == ("acknowledged", "m-ben")


def test_who_takes_over_as_it_calls_again_has_it(postgresql_database: Database) -> None:
    """They must not hear that whoever is away has it, while phones ring for it."""
    world = World.with_counselors(postgresql_database)
    page = world.open()
    world.pass_time(120)
    take = f"take {world.code_of('ben')}"
    world.text("ana", world.code_of("ana"))
    away(world, "ana")
    again = world.clock.moment + 600_000
    assert while_it_is_held(world, lambda session: sweep(session, again), "ben", take) == "acknowledged"
    assert (world.page(page).state, world.page(page).acknowledged_by) == ("acknowledged", "m-ben")


def test_two_sweepers_fire_a_step_once(world: World) -> None:
    def sweeping() -> int:
        with world.database.writing() as session:
            return sweep(session, world.clock.moment).fired

    for number in range(ROUNDS):
        page = str(world.open("immediate", subject=f"case {number}"))
        world.clock.moment += 120_000
        at_once(sweeping, sweeping, sweeping)
        assert world.page(page).step == 2
        world.take_in_view(page, "ana")


def test_two_relays_hint_each_row_once(world: World) -> None:
    def pointing() -> list[str]:
        with world.database.writing() as session:
            return claims.point(session, world.clock, 100, (), 3000)

    for number in range(ROUNDS):
        world.open("urgent", subject=f"case {number}")
        with world.database.writing() as session:
            session.connection().exec_driver_sql("UPDATE attempt SET state = 'due', hinted_until = 0")
        first, second = at_once(pointing, pointing)
        assert isinstance(first, list)
        assert isinstance(second, list)
        assert len(first) + len(second) == number + 1
        assert not set(first) & set(second)
