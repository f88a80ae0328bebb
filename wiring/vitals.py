"""A process notes in the database that it does its work, every few seconds, and never stumbles over it."""

import logging
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from notify import vitals
from vault.clock import Clock
from vault.database import Database
from wiring import pulse
from wiring.ground import Ground

EVERY_S = 5.0

log = logging.getLogger("wiring.vitals")


class Vitals:
    """The pulse of ``process``: a row that says when it last worked."""

    def __init__(self, database: Database, clock: Clock, process: str) -> None:
        self._database = database
        self._clock = clock
        self._process = process
        self._noted: tuple[float, str] | None = None

    def is_due(self, state: str = vitals.WELL) -> bool:
        """Whether ``beat`` would note anything now."""
        noted = self._noted
        return noted is None or noted[1] != state or time.monotonic() >= noted[0] + EVERY_S

    def beat(self, state: str = vitals.WELL) -> None:
        """Note it: at once if ``state`` is another one, else every five seconds."""
        if not self.is_due(state):
            return
        self._noted = time.monotonic(), state
        try:
            with self._database.writing() as session:
                vitals.note(session, self._clock.now(session), self._process, state)
        except SQLAlchemyError as error:
            log.error("pulse not noted", extra={"error": type(error).__name__})  # noqa: TRY400 - tracebacks quote rows


def note_vitals(ground: Ground, process: str, address: tuple[str, int], stop: threading.Event) -> None:
    """In a thread: the pulse of a web process, as long as it answers at ``address``.

    Apart from its heartbeat, so that a slow database gets nobody killed.
    """
    vitals = Vitals(ground.database, ground.clock, process)

    def watch() -> None:
        while not stop.wait(EVERY_S / 5):
            if vitals.is_due() and pulse.answers(address):
                vitals.beat()

    threading.Thread(target=watch, name="vitals", daemon=True).start()
