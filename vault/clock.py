"""The one clock of an install: milliseconds since 1970, the same for every process, moved by no one.

PostgreSQL has its own. On SQLite an anchor row plus the boot clock, so that a changed host clock moves
no deadline.
"""

import time
from pathlib import Path
from typing import Protocol

from sqlalchemy import BigInteger, TextClause, bindparam, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from vault.database import Base, Database
from vault.statements import Statement

BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
MINUTE = 60_000
SERVER_NOW: TextClause = text("(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
_SERVER_NOW = Statement(select(SERVER_NOW))
# Within a statement on PostgreSQL: the ``now`` that it is told, or else what the server's clock says.
MOMENT = func.coalesce(bindparam("now", type_=BigInteger), select(SERVER_NOW).scalar_subquery())


class ClockAnchor(Base):
    """What the wall clock said when this boot of the host was first seen."""

    __tablename__ = "clock_anchor"

    boot_id: Mapped[str] = mapped_column(primary_key=True)
    wall_ms: Mapped[int] = mapped_column(BigInteger)
    boot_ms: Mapped[int] = mapped_column(BigInteger)


class Clock(Protocol):
    """``now`` in milliseconds since the epoch (UTC)."""

    def now(self, session: Session) -> int: ...


class ServerClock:
    """PostgreSQL's ``clock_timestamp()``: one clock for any number of hosts."""

    def now(self, session: Session) -> int:
        return int(_SERVER_NOW.run(session)[0][0])


class BootClock:
    """The anchor of this boot plus the time the kernel counted since (CLOCK_BOOTTIME)."""

    def __init__(self, database: Database, boot_id: str | None = None) -> None:
        self._offset_ms = _offset(database, boot_id or _boot_id())

    def now(self, session: Session) -> int:
        del session  # the same promise as ServerClock, kept without a query
        return self._offset_ms + _boot_ms()


def clock_for(database: Database) -> Clock:
    """The clock that every process on this database shares."""
    return BootClock(database) if database.is_sqlite else ServerClock()


def told_now(clock: Clock, session: Session) -> int | None:
    """The ``now`` of a statement with ``MOMENT``: none, where asking the clock is a round trip of its own."""
    return None if type(clock) is ServerClock else clock.now(session)


def minute_of(now: int) -> int:
    """``now`` cut to its minute: the precision that is kept in clear."""
    return now - now % MINUTE


def _offset(database: Database, boot_id: str) -> int:
    with database.writing() as session:
        anchor = session.get(ClockAnchor, boot_id)
        if anchor is None:
            last = session.scalar(select(ClockAnchor.wall_ms).order_by(ClockAnchor.wall_ms.desc()).limit(1))
            wall = max(time.time_ns() // 1_000_000, last or 0)
            anchor = ClockAnchor(boot_id=boot_id, wall_ms=wall, boot_ms=_boot_ms())
            session.add(anchor)
        return anchor.wall_ms - anchor.boot_ms


def _boot_ms() -> int:
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000


def _boot_id() -> str:
    if BOOT_ID_FILE.exists():
        return BOOT_ID_FILE.read_text(encoding="ascii").strip()
    # Without Linux: the moment of boot, to a minute, names the boot.
    return f"boot-{(time.time_ns() // 1_000_000 - _boot_ms()) // MINUTE}"
