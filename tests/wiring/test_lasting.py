"""No thread of the pager ends in silence: it is alarmed and begins again, and what is left undone is seen."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from notify.tables import Digest, Page
from notify.watchman import Watchman
from tests.install import pages
from tests.notify.world import Alarms
from tests.waiting import eventually
from tests.wiring.test_pager import at_this_hour, chores, file
from vault.tables import AuditEvent, Report
from wiring.auditing import make_auditor
from wiring.demo_people import SCHOOL
from wiring.ground import Ground
from wiring.lasting import keep_at
from wiring.logs import JsonLines
from wiring.pager import make_desk, make_threads
from wiring.vitals import Vitals

Started = Callable[[str, Callable[[threading.Event], object], Alarms], threading.Event]


@pytest.fixture
def start() -> Iterator[Started]:
    """Keep at some work in a thread; all of them end with the test."""
    threads: list[tuple[threading.Thread, threading.Event]] = []

    def begin(name: str, work: Callable[[threading.Event], object], alarms: Alarms) -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=keep_at, args=(name, work, stop, alarms, 0.01))
        threads.append((thread, stop))
        thread.start()
        return stop

    yield begin
    for thread, stop in threads:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def test_what_broke_off_is_told_of_and_begins_again(start: Started, caplog: pytest.LogCaptureFixture) -> None:
    begun: list[int] = []

    def work(stop: threading.Event) -> None:
        begun.append(1)
        if len(begun) < 3:
            raise KeyError("she wrote this")
        stop.wait()

    alarms = Alarms()
    start("chores", work, alarms)
    eventually(lambda: len(begun) == 3)
    assert alarms.sounded == ["chores_broke_off"] * 2
    lines = [JsonLines().format(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert [json.loads(line)["error"] for line in lines] == ["KeyError"] * 2
    assert "she wrote this" not in "".join(lines)


def test_no_pause_outlasts_the_word_to_stop() -> None:
    def break_off(_stop: threading.Event) -> None:
        raise ValueError

    stop, alarms = threading.Event(), Alarms()
    thread = threading.Thread(target=keep_at, args=("asker", break_off, stop, alarms, 3600))
    thread.start()
    eventually(lambda: alarms.sounded == ["asker_broke_off"])
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_what_ends_because_it_was_told_to_is_no_alarm(start: Started) -> None:
    alarms = Alarms()
    stop = start("purging", lambda stop: stop.wait(), alarms)
    stop.set()
    assert alarms.sounded == []


def test_each_threads_alarm_is_explained(laid: Ground) -> None:
    desk, line = make_desk(laid)
    told = pages.OPERATIONS.read_text(encoding="utf-8")
    names = make_threads(laid, desk, line)
    ours = {"poller", "asker", "emptier", "chores", "audit", "rereader", "purging", "reserve"}
    assert set(names) == ours
    assert [name for name in names if f"| `{name}_broke_off` |" not in told] == []


def test_a_chore_that_breaks_lets_the_others_be_done(fresh: Ground, start: Started) -> None:
    unfit = replace(fresh, schools={SCHOOL.id: None})  # type: ignore[dict-item]
    missed, alarms = file(fresh, "routine", deadline_in_ms=-1), Alarms()
    start("chores", replace(chores(unfit), every_s=0.01).run, alarms)
    eventually(lambda: paged(fresh) == {missed})
    eventually(lambda: "chores_broke_off" in alarms.sounded)


def test_a_row_that_no_chore_can_digest_stops_them_only_while_it_is_there(
    fresh: Ground, start: Started
) -> None:
    poisoned, alarms = file(fresh, "routine", deadline_in_ms=-1), Alarms()
    set_urgency(fresh, "dreadful")
    start("chores", replace(chores(fresh), every_s=0.01).run, alarms)
    eventually(lambda: len(alarms.sounded) > 1)
    assert paged(fresh) == set()
    set_urgency(fresh, "urgent")
    eventually(lambda: paged(fresh) == {poisoned})


def test_what_cannot_be_warned_of_loses_no_reminder(fresh: Ground, start: Started) -> None:
    unfit, alarms = at_this_hour(fresh, policies={"urgent": None}), Alarms()
    start("chores", replace(chores(unfit), every_s=0.01).run, alarms)
    eventually(lambda: "chores_broke_off" in alarms.sounded)
    with fresh.database.reading() as session:
        done = set(session.scalars(select(Digest.school)))
    assert "counseling/shifts" in done
    assert f"{SCHOOL.id}/findings" not in done


def set_urgency(ground: Ground, urgency: str) -> None:
    with ground.database.writing() as session:
        session.execute(update(Report).values(urgency=urgency))


def paged(ground: Ground) -> set[str]:
    with ground.database.reading() as session:
        return set(session.scalars(select(Page.subject)))


def watchman(ground: Ground) -> Watchman:
    """Of an install whose pager beats, and has for a while."""
    Vitals(ground.database, ground.clock, "pager").beat()
    return Watchman(ground.database, ground.clock, Alarms(), patience_s=0)


def test_a_report_that_nobody_was_paged_for_is_seen(fresh: Ground) -> None:
    looking = watchman(fresh)
    file(fresh, "routine", deadline_in_ms=-119_000)
    assert looking.look() == ()
    file(fresh, "routine", deadline_in_ms=-121_000, status="closed")
    assert looking.look() == ()
    file(fresh, "routine", deadline_in_ms=-121_000, status="open")
    assert looking.look() == ("report_unread",)
    chores(fresh).page_the_unread()
    assert looking.look() == ()


def test_after_a_start_the_pager_has_time_to_page_for_the_unread(fresh: Ground) -> None:
    file(fresh, "routine", deadline_in_ms=-10_000_000)
    assert Watchman(fresh.database, fresh.clock, Alarms()).look() == ()


def test_an_audit_that_nobody_chains_is_seen(fresh: Ground) -> None:
    looking = watchman(fresh)
    auditor = make_auditor(fresh, Alarms())
    with fresh.database.writing() as session:
        now = fresh.clock.now(session)
        session.add(AuditEvent(at=now - 121_000, actor="pager", verb="x", pseudonym="p"))
    assert looking.look() == ("audit_unchained",)
    auditor.round()
    assert looking.look() == ()
