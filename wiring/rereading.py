"""The pager reads the audit's chain all over again, a piece at a time, and notes how far it is whole.

So that somebody who looks at what became of a page need not read the audit of years, and so that a changed
event is alarmed although nobody looks.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from notify.alarm import Alarm
from vault.chain import Head
from vault.clock import Clock
from vault.database import Database
from vault.tables import AuditLease
from vault.verdict import Judge
from wiring.ground import Ground

# Events in one piece: a tenth of a second's work, in a transaction that only reads.
PIECE = 1000
AGAIN_S = 24 * 3600.0
ROUND_S = 2.0

log = logging.getLogger("wiring.rereading")


@dataclass
class Rereader:
    """``at``: up to here this reading found all well."""

    database: Database
    clock: Clock
    judge: Judge
    alarm: Alarm
    monotonic: Callable[[], float] = time.monotonic
    at: Head = field(default_factory=Head)
    _began: float | None = None
    _broken: bool = False

    def run(self, stop: threading.Event) -> None:
        """A piece every two seconds until told to stop."""
        while not stop.wait(ROUND_S):
            try:
                self.round()
            except SQLAlchemyError as error:
                log.warning("reading the audit broke off", extra={"error": type(error).__name__})

    def round(self) -> None:
        """The next piece; once a day from the beginning. What is broken is alarmed once a day."""
        if self._began is None or self.monotonic() >= self._began + AGAIN_S:
            self.at, self._broken, self._began = Head(), False, self.monotonic()
        if self._broken:
            return
        with self.database.reading() as session:
            end, broken = self.judge.go_on(session, self.at, PIECE)
        at_the_end = end.seq < self.at.seq + PIECE
        self.at, self._broken = end, bool(broken)
        if at_the_end:
            self._note(end.seq, end.seq + 1 if broken else None)
        if broken:
            self.alarm.sound("audit_broken")

    def _note(self, seq: int, broken_seq: int | None) -> None:
        """Only news, so that an idle install writes nothing."""
        with self.database.reading() as session:
            lease = session.get(AuditLease, 1)
            if lease is None or (lease.checked_seq, lease.broken_seq) == (seq, broken_seq):
                return
        found = {"checked_seq": seq, "broken_seq": broken_seq}
        with self.database.writing() as session:
            now = self.clock.now(session)
            session.execute(update(AuditLease).where(AuditLease.id == 1).values(checked_at=now, **found))


def judge_of(ground: Ground) -> Judge:
    """Holds the chain to the key that configuration pins."""
    section = ground.config.settings.install
    return Judge(section.id, Ed25519PublicKey.from_public_bytes(bytes.fromhex(section.audit_public)))


def make_rereader(ground: Ground, alarm: Alarm) -> Rereader:
    return Rereader(ground.database, ground.clock, judge_of(ground), alarm)
