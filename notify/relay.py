"""The relay: on every wake-up and at least once a second it points free hands at due attempts.

It only hints. Whoever delivers claims the row itself, so a relay that dies, or a second one, loses nothing.
"""

import logging
import math
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from notify import claims, pace
from notify.alarm import Alarm
from notify.breaker import Breaker
from notify.hands import Hands
from notify.settings import PagingSettings
from notify.sweep import idle, sweep
from notify.wake import Listener
from vault.clock import Clock
from vault.database import Database

_logger = logging.getLogger("tipline.relay")


@dataclass
class Relay:
    """``run`` until told to stop. ``beat`` is called on each round, for whoever watches this process."""

    database: Database
    clock: Clock
    hands: Hands
    settings: PagingSettings
    listener: Listener
    breaker: Breaker
    alarm: Alarm
    _text_at: float = field(default=math.inf, init=False)

    def run(self, stop: threading.Event) -> None:
        """Round after round; on stop: hint no more, let the hands finish, release what they had not begun.

        To stop at once, set ``stop`` and wake the listener.
        """
        swept = 0.0
        while not stop.is_set():
            try:
                if time.monotonic() >= swept + self.settings.sweep_s:
                    swept = time.monotonic()
                    self.sweep_once()
                while self.point() and not stop.is_set():
                    pass  # there may be more
            except SQLAlchemyError as error:
                _logger.error("a round failed: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content
            self.listener.wait(min(swept + self.settings.sweep_s, self._text_at) - time.monotonic())
        self._release(self.hands.close())

    def sweep_once(self) -> None:
        """One sweep, if there is anything to sweep."""
        with self.database.reading() as session:
            if idle(session, self.clock.now(session)):
                return
        with self.database.writing() as session:
            swept = sweep(session, self.clock.now(session))
        if swept.unreachable:
            self.alarm.sound("nobody_reachable")

    def point(self) -> bool:
        """Point the free hands at due attempts. Whether more may be waiting for hands that are free now."""
        self._text_at = math.inf
        free = self.hands.free()
        if free == 0:
            return False
        with self.database.hinting(at_once=self.settings.is_unpaced) as session:
            pointed = pace.point(session, self.clock, free, self.breaker.doubtful(), self.settings)
        if pointed.wait_ms is not None:
            self._text_at = time.monotonic() + pointed.wait_ms / 1000
        for attempt_id in pointed.ids:
            self.hands.take(attempt_id)
        return pointed.more or len(pointed.ids) == free

    def _release(self, ids: list[str]) -> None:
        if ids:
            with self.database.writing() as session:
                claims.release_hints(session, ids)
