"""Database, clock, ids and audit: what every other room stands on."""

import json
import threading
import time

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.vault.school import new_report
from vault import audit, clock, ids
from vault.clock import BootClock, ClockAnchor, clock_for
from vault.database import Database
from vault.tables import AuditEvent, RecipientTeam, Report, TextContext

HOUR = 3_600_000


def test_a_block_that_fails_leaves_nothing(any_database: Database) -> None:
    with pytest.raises(ZeroDivisionError), any_database.writing() as session:
        _report_then_fail(session)
    assert _count(any_database) == 0


def test_reading_never_writes(any_database: Database) -> None:
    with any_database.reading() as session:
        new_report(session)
        with pytest.raises(DBAPIError, match="only"):
            session.flush()
    assert _count(any_database) == 0


def test_rows_may_be_added_in_any_order(any_database: Database) -> None:
    """Foreign keys are checked at commit: a child before its parent is no error, a child without one is."""
    with any_database.writing() as session:
        session.add(RecipientTeam(report_id="later", team_id="t"))
        session.flush()
        new_report(session)
        session.flush()
        session.execute(text("UPDATE report SET id = 'later'"))
    with pytest.raises(IntegrityError), any_database.writing() as session:
        session.add(RecipientTeam(report_id="never", team_id="t"))


def test_a_report_takes_what_belongs_to_it_away(any_database: Database) -> None:
    with any_database.writing() as session:
        report = new_report(session).report_id
        session.add(RecipientTeam(report_id=report, team_id="t"))
    with any_database.writing() as session:
        session.delete(session.get_one(Report, report))
    with any_database.reading() as session:
        assert session.scalars(select(RecipientTeam)).all() == []


def test_an_error_of_the_database_shows_no_value(any_database: Database) -> None:
    with pytest.raises(DBAPIError) as failed, any_database.writing() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:word)"), {"word": "whisper"})
    assert "nowhere" in str(failed.value)
    assert "whisper" not in str(failed.value)


def test_many_writers_all_get_their_turn(any_database: Database) -> None:
    """Each reads, then writes: with a plain BEGIN, SQLite would refuse most of them."""
    failed: list[DBAPIError] = []

    def write(number: int) -> None:
        try:
            for hour in range(20):
                with any_database.writing() as session:
                    session.scalar(select(func.count()).select_from(TextContext))
                    session.add(TextContext(number_key=str(number), hour=hour, sealed=b""))
        except DBAPIError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with any_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TextContext)) == 80


def test_the_clock_agrees_with_the_world_and_goes_on(any_database: Database) -> None:
    shared = clock_for(any_database)
    with any_database.reading() as session:
        now = shared.now(session)
        assert abs(now - time.time_ns() // 1_000_000) < 5000
        assert shared.now(session) >= now


def test_two_processes_on_one_boot_share_one_clock(database: Database) -> None:
    one, other = BootClock(database, "boot"), BootClock(database, "boot")
    with database.reading() as session:
        assert abs(one.now(session) - other.now(session)) < 1000
        assert len(session.scalars(select(ClockAnchor)).all()) == 1


def test_a_changed_host_clock_moves_no_deadline(database: Database) -> None:
    """The anchor, not the wall, decides: an anchor an hour ahead keeps every process an hour ahead."""
    BootClock(database, "boot")
    with database.writing() as session:
        session.get_one(ClockAnchor, "boot").wall_ms += HOUR
    with database.reading() as session:
        assert BootClock(database, "boot").now(session) > time.time_ns() // 1_000_000 + HOUR - 5000


def test_time_never_goes_back_over_a_reboot(database: Database) -> None:
    BootClock(database, "first")
    with database.writing() as session:
        session.get_one(ClockAnchor, "first").wall_ms += HOUR
    with database.reading() as session:
        assert BootClock(database, "second").now(session) > time.time_ns() // 1_000_000 + HOUR - 5000


def test_minutes_are_kept_seconds_are_not() -> None:
    assert clock.minute_of(125_999) == 120_000


def test_ids_and_references_are_random_and_sayable() -> None:
    made = [ids.new_reference() for _ in range(200)]
    assert len(set(made)) == 200
    assert all(len(reference) == 9 and reference[4] == "-" for reference in made)
    assert not set("".join(made)) & set("01ILOU")
    assert len(ids.new_id()) == 32


def test_an_audit_event_is_part_of_its_acts_transaction(any_database: Database) -> None:
    with any_database.writing() as session:
        audit.record(session, 5, actor="member:ana", verb="opened", pseudonym="p", seq=2, how="form")
    with pytest.raises(ZeroDivisionError), any_database.writing() as session:
        _note_then_fail(session)
    with any_database.reading() as session:
        event = session.scalars(select(AuditEvent)).one()
    assert (event.at, event.actor, event.verb, event.pseudonym) == (5, "member:ana", "opened", "p")
    assert json.loads(event.facts) == {"how": "form", "seq": 2}
    assert event.link is None


def _report_then_fail(session: Session) -> None:
    raise ZeroDivisionError(new_report(session).report_id)


def _note_then_fail(session: Session) -> None:
    audit.record(session, 6, actor="pager", verb="paged")
    session.flush()
    raise ZeroDivisionError


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Report)) or 0
