"""The words that the carrier keeps of a text are emptied there, tried again until it says that they are.

A row is written in the transaction after which the text is ours (or left us), and goes when it is confirmed.
"""

import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notify.alarm import Alarm
from notify.channels import Outlet
from notify.channels.faults import fault_of
from notify.errors import TransportError
from notify.tables import Attempt, CarrierCopy
from vault.clock import Clock
from vault.database import Database

_logger = logging.getLogger("tipline.emptying")

EVERY_S = 2.0
BATCH = 10
# Longer than a batch can take: ten times the provider's two and a half seconds.
LEASE_MS = 60_000
# A text that is still on its way cannot be emptied: the carrier asks to wait a minute, and in rare cases
# needs days (https://www.twilio.com/docs/api/errors/20009).
SETTLED_MS = 60_000
# Before it is tried again; the last one repeats, without end.
PAUSES_S = (5, 30, 120, 600, 3600, 6 * 3600)
TOO_LONG_MS = 3 * 24 * 3600 * 1000
_ID = re.compile(r"[!-~]{1,128}")
_HURRIES = 1  # ranks up to this one go first: immediate and urgent
# The public process may add rows and see none: no RETURNING, and no column to conflict on.
_NOTE = text(
    "INSERT INTO carrier_copy (sid, sender, whole, due_at, tries, created_at)"
    " VALUES (:sid, :sender, :whole, :due_at, 0, :now) ON CONFLICT DO NOTHING"
)


def note(
    session: Session, now: int, sender: str, sid: str, *, whole: bool = False, after_ms: int = 0
) -> None:
    """The account of ``sender``, a number of ours, keeps the text ``sid``: empty it after ``after_ms``.

    ``whole``: its record goes too, and with it who wrote and the pictures. What is noted twice is noted once.
    How an id looks is the company's own affair; what can be none is not noted.
    """
    if _ID.fullmatch(sid):
        facts = {"sid": sid, "sender": sender, "whole": whole, "due_at": now + after_ms, "now": now}
        session.execute(_NOTE, facts)


@dataclass(frozen=True)
class Emptier:
    """One text at a time, in a thread of its own: it takes no hand from a page, and waits for urgent ones."""

    database: Database
    clock: Clock
    outlets: Mapping[str, Outlet]
    alarm: Alarm

    def run(self, stop: threading.Event) -> None:
        """A round every two seconds until told to stop."""
        while not stop.wait(EVERY_S):
            try:
                while self.empty_due() == BATCH and not stop.is_set():
                    pass  # there may be more
            except SQLAlchemyError as error:
                _logger.error("a round failed: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content

    def empty_due(self) -> int:
        """Ask the carrier about what is due (ten at most); how many that were.

        A row whose turn was interrupted is due again when its lease ends; emptying twice does no harm.
        """
        claimed = self._claim()
        for copy in claimed:
            try:
                self._outlet(copy.sender).provider.forget(copy.sid, whole=copy.whole)
            except TransportError as error:
                self._later(copy, error)
            else:
                with self.database.writing() as session:
                    session.execute(delete(CarrierCopy).where(_same(copy)))
        return len(claimed)

    def _claim(self) -> Sequence[CarrierCopy]:
        with self.database.reading() as session:
            if not _is_due(session, self.clock.now(session)):
                return ()
        with self.database.writing() as session:
            now = self.clock.now(session)
            due = select(CarrierCopy).where(CarrierCopy.due_at <= now).order_by(CarrierCopy.due_at)
            claimed = session.scalars(due.limit(BATCH).with_for_update(skip_locked=True)).all()
            for copy in claimed:
                copy.due_at = now + LEASE_MS
                copy.tries += 1
            return claimed

    def _outlet(self, sender: str) -> Outlet:
        outlet = self.outlets.get(sender)
        if outlet is None:
            raise TransportError("no_number", permanent=False)
        return outlet

    def _later(self, copy: CarrierCopy, error: TransportError) -> None:
        pause = PAUSES_S[min(copy.tries, len(PAUSES_S)) - 1] * 1000
        with self.database.writing() as session:
            now = self.clock.now(session)
            again = update(CarrierCopy).where(_same(copy))
            session.execute(again.values(due_at=now + pause))
        if now - copy.created_at > TOO_LONG_MS:
            self.alarm.sound("texts_not_emptied")
        if fault_of(error.code).alarm == "system":
            self.alarm.sound(f"system_{error.code}")


def _same(copy: CarrierCopy) -> ColumnElement[bool]:
    """Two companies may give the same id to two texts."""
    return (CarrierCopy.sid == copy.sid) & (CarrierCopy.sender == copy.sender)


def _is_due(session: Session, now: int) -> bool:
    waiting = (Attempt.state == "due") & (Attempt.due_at <= now) & (Attempt.rank <= _HURRIES)
    if session.scalar(select(Attempt.id).where(waiting).limit(1)) is not None:
        return False
    return session.scalar(select(CarrierCopy.sid).where(CarrierCopy.due_at <= now).limit(1)) is not None
