"""How the install stands at this moment, from its rows: for a person who asks, and for a program.

The keys of ``as_json`` are a contract: they are added to, never renamed or taken away.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notify import drills, findings
from notify.rq_hands import QUEUE
from notify.tables import Attempt, Page, Pulse
from notify.vitals import PAGER, WATCHMAN, WELL
from wiring.ground import Ground
from wiring.impairment import Impairment
from wiring.metrics import error_class
from wiring.tested import Tested, last_tests

LATE_S = 15.0
LAST = 10
REDIS_S = 1.0
# Where RQ keeps the ids that wait.
QUEUE_KEY = f"rq:queue:{QUEUE}"
ENDED = ("sent", "delivered", "failed")


@dataclass(frozen=True)
class Process:
    """``age_s``: since it last worked; None when it never did. ``state``: well, or the watchman's finding."""

    name: str
    age_s: float | None
    state: str

    @property
    def beats(self) -> bool:
        return self.age_s is not None and self.age_s < LATE_S


@dataclass(frozen=True)
class Open:
    """Pages of one urgency that nobody has, and how long the oldest of them has been calling."""

    urgency: str
    count: int
    oldest_s: float


@dataclass(frozen=True)
class Send:
    """One of the last deliveries that came to an end. ``error``: its code and class, empty when none."""

    channel: str
    state: str
    error: str
    error_class: str
    age_s: float


@dataclass(frozen=True)
class Status:
    """``queued`` is None without a queue, -1 when it does not answer. ``roster``: what is to be mended.

    ``tests``: of each school that has a weekly test, the last one.
    """

    processes: tuple[Process, ...]
    due: int
    oldest_due_s: float | None
    pages: tuple[Open, ...]
    sends: tuple[Send, ...]
    impaired: bool
    queued: int | None
    live: Mapping[str, bool]
    roster: tuple[str, ...] = ()
    tests: tuple[Tested, ...] = ()

    @property
    def watchman(self) -> str:
        """``well``, what he found, or ``silent``."""
        found = next(one for one in self.processes if one.name == WATCHMAN)
        return found.state if found.beats else "silent"

    @property
    def well(self) -> bool:
        """Whether pages leave: processes work, nothing waits too long, the watchman is satisfied."""
        return all(one.beats for one in self.processes) and self.watchman == WELL and not self.impaired

    def as_json(self) -> dict[str, object]:
        sweep = next(one.age_s for one in self.processes if one.name == PAGER)
        return {
            "well": self.well,
            "paging_impaired": self.impaired,
            "processes": [
                {"name": one.name, "beats": one.beats, "age_s": one.age_s} for one in self.processes
            ],
            "watchman": self.watchman,
            "last_sweep_s": sweep,
            "due": self.due,
            "oldest_due_s": self.oldest_due_s,
            "open_pages": [
                {"urgency": one.urgency, "count": one.count, "oldest_s": one.oldest_s} for one in self.pages
            ],
            "last_sends": [vars(one) for one in self.sends],
            "queued": self.queued,
            "live": dict(self.live),
            "roster": list(self.roster),
            "self_tests": [one.as_json() for one in self.tests],
        }


def look(ground: Ground) -> Status:
    """Ask the rows, and the queue if there is one."""
    queue = ground.config.settings.queue
    expected = ["public", "staff", PAGER, WATCHMAN, *(["worker"] if queue.url else [])]
    with ground.database.reading() as session:
        now = ground.clock.now(session)
        due, oldest = _due(session, now)
        return Status(
            processes=_processes(session, now, expected),
            due=due,
            oldest_due_s=oldest,
            pages=_pages(session, now),
            sends=_sends(session, now),
            impaired=Impairment(ground.database, ground.clock, ground.config.settings.paging)(),
            tests=last_tests(session, now, ground.config.settings.schools),
            queued=_queued(queue.url) if queue.url else None,
            live={one.id: not one.demo for one in ground.schools.values()},
            roster=tuple(
                one.said("en") for one in findings.look(session, now, ground.config.settings.paging)
            ),
        )


def _seconds(now: int, at: int) -> float:
    return round((now - at) / 1000, 1)


def _processes(session: Session, now: int, expected: list[str]) -> tuple[Process, ...]:
    found = {row.process: row for row in session.scalars(select(Pulse))}
    return tuple(
        Process(name, _seconds(now, found[name].at), found[name].state)
        if name in found
        else Process(name, None, "never began")
        for name in expected
    )


def _due(session: Session, now: int) -> tuple[int, float | None]:
    waiting = (Attempt.state == "due") & (Attempt.due_at <= now)
    count, oldest = session.execute(select(func.count(), func.min(Attempt.due_at)).where(waiting)).one()
    return count, None if oldest is None else _seconds(now, oldest)


def _pages(session: Session, now: int) -> tuple[Open, ...]:
    waits = (Page.state == "open") & Page.kind.not_in(drills.KINDS)
    opened = select(Page.urgency, func.count(), func.min(Page.opened_at)).where(waits)
    rows = session.execute(opened.group_by(Page.urgency, Page.rank).order_by(Page.rank))
    return tuple(Open(urgency, count, _seconds(now, oldest)) for urgency, count, oldest in rows)


def _sends(session: Session, now: int) -> tuple[Send, ...]:
    """The last ten by the moment at which they were due."""
    last = select(Attempt).where(Attempt.state.in_(ENDED)).order_by(Attempt.due_at.desc()).limit(LAST)
    return tuple(
        Send(
            one.channel,
            one.state,
            one.error_code or "",
            error_class(one.error_code),
            _seconds(now, one.sent_at or one.due_at),
        )
        for one in session.scalars(last)
    )


def _queued(url: str) -> int:
    with (
        suppress(RedisError),
        Redis.from_url(url, socket_timeout=REDIS_S, socket_connect_timeout=REDIS_S) as redis,
    ):
        return cast("int", redis.llen(QUEUE_KEY))
    return -1
