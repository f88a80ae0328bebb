"""Deleting what is past its date: the pager's hourly round, and ``tipline retention`` by hand."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from reporting import retention
from vault import erasure
from vault.clock import Clock
from vault.database import Database

FIRST_S = 60.0
EVERY_S = 3600.0
# A reader keeps SQLite's log from being emptied; readers here are short.
TRIES = 20
PAUSE_S = 0.25

Tell = Callable[[int], None]

log = logging.getLogger("wiring.purging")


@dataclass(frozen=True)
class Purging:
    database: Database
    clock: Clock

    def run(self, stop: threading.Event) -> None:
        """A round a minute after the start, then every hour, until told to stop."""
        pause = FIRST_S
        while not stop.wait(pause):
            pause = EVERY_S
            try:
                self.round()
            except SQLAlchemyError as error:
                # Tracebacks of the database quote rows.
                log.error("purge failed", extra={"error": type(error).__name__})  # noqa: TRY400

    def round(self, tell: Tell = lambda _count: None) -> int:
        """Purge everything that is due; how many reports. ``tell`` hears the number after each batch."""
        total = 0
        while count := self._batch():
            total += count
            tell(total)
        with self.database.writing() as session:
            retention.forget_traces(session, self.clock.now(session))
        if not self._empty_log():
            log.warning("the write-ahead log was not emptied; the next round tries again")
        return total

    def _batch(self) -> int:
        with self.database.writing() as session:
            return retention.purge(session, self.clock.now(session))

    def _empty_log(self) -> bool:
        pause = threading.Event()
        return any(erasure.empty_log(self.database) or pause.wait(PAUSE_S) for _ in range(TRIES))
