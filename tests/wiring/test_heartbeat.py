"""The heartbeat to a dead-man's switch stops when the watchman finds something wrong, and with him."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from notify import vitals
from notify.tables import Page, Pulse
from tests.waiting import eventually
from tests.wiring.outside import listener
from tests.wiring.test_impairment import change, page
from wiring import watchman
from wiring.config import Config
from wiring.ground import Ground
from wiring.heartbeat import AGAIN_S, EVERY_S, Heartbeat
from wiring.lifeline import Lifeline
from wiring.vitals import Vitals


def test_it_comes_once_a_minute_and_says_nothing() -> None:
    now = [1000.0]
    with listener() as (address, heard):
        heartbeat = Heartbeat(address, lambda: now[0])
        heartbeat.beat()
        eventually(lambda: heard == [b""])
        now[0] += EVERY_S - 1
        heartbeat.beat()
        assert heard == [b""]
        now[0] += 1
        eventually(lambda: after_a_beat(heartbeat, lambda: len(heard) == 2))
    assert heard == [b"", b""]


def test_one_that_was_not_taken_is_sent_again_soon(caplog: pytest.LogCaptureFixture) -> None:
    now = [1000.0]
    heartbeat = Heartbeat("http://127.0.0.1:1/", lambda: now[0])
    for count in (1, 2):
        eventually(lambda count=count: after_a_beat(heartbeat, lambda: said(caplog) == count))  # type: ignore[misc]
        now[0] += AGAIN_S


def after_a_beat(heartbeat: Heartbeat, look: Callable[[], bool]) -> bool:
    heartbeat.beat()
    return look()


def said(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.msg == "heartbeat not taken" for record in caplog.records)


@contextmanager
def working(config: Config) -> Iterator[None]:
    """The watchman's process, as a thread."""
    life = Life()
    thread = threading.Thread(target=watchman.run, args=(config, life))
    thread.start()
    yield
    life.stop.set()
    thread.join(10)
    assert not thread.is_alive()


class Life(Lifeline):
    """Without signals, which only a main thread may take."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._beaten = None
        self._socket = self._systemd = None


def telling(ground: Ground, address: str) -> Config:
    alarm = replace(ground.config.settings.alarm, heartbeat_to=address, post_to=f"{address}alarm")
    return replace(ground.config, settings=replace(ground.config.settings, alarm=alarm))


def state(ground: Ground) -> str | None:
    with ground.database.reading() as session:
        return session.scalar(select(Pulse.state).where(Pulse.process == vitals.WATCHMAN))


def test_the_watchman_tells_the_outside_while_all_is_well(fresh: Ground) -> None:
    Vitals(fresh.database, fresh.clock, vitals.PAGER).beat()
    with listener() as (address, heard), working(telling(fresh, address)):
        eventually(lambda: heard == [b""])
        assert state(fresh) == vitals.WELL


def test_nothing_but_the_alarm_leaves_while_a_page_has_missed_its_deadline(fresh: Ground) -> None:
    change(fresh, Page, next_at=page(fresh) - 60_000)
    with listener() as (address, heard), working(telling(fresh, address)):
        eventually(lambda: state(fresh) == "page_deadline_missed")
        eventually(lambda: heard)
    assert heard == [b"page_deadline_missed"]
