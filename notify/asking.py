"""Texts and calls of which the carrier never told the end: it is asked for it, once.

A callback can be lost; an undelivered text of which we hear nothing would look like one that arrived.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select, update
from sqlalchemy.exc import SQLAlchemyError

from notify import webhooks
from notify.alarm import Alarm
from notify.channels import CALL, SECOND, TEXT, Outlet
from notify.errors import TransportError
from notify.tables import Attempt
from notify.wake import Waker
from vault.clock import Clock
from vault.database import Database

_logger = logging.getLogger("tipline.asking")

EVERY_S = 10.0
BATCH = 20
QUIET_MS = 3 * 60 * 1000
# What was sent longer ago than this was repeated long since.
PAST_MS = 60 * 60 * 1000


@dataclass(frozen=True)
class Asker:
    """Asks in a thread of its own, outside every transaction."""

    database: Database
    clock: Clock
    outlets: Mapping[str, Outlet]
    waker: Waker
    alarm: Alarm

    def run(self, stop: threading.Event) -> None:
        """A round every ten seconds until told to stop."""
        while not stop.wait(EVERY_S):
            try:
                while self.ask() == BATCH and not stop.is_set():
                    pass  # there may be more
            except SQLAlchemyError as error:
                _logger.error("a round failed: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content

    def ask(self) -> int:
        """Ask about those of which nothing was heard for three minutes; how many are done with.

        A carrier that cannot be asked now is asked again in the next round.
        """
        silent = self._silent()
        unasked = [attempt.id for attempt in silent if not self._ask_about(attempt)]
        if unasked:
            self._ask_again(unasked)
        if silent:
            self.waker.wake()
        return len(silent) - len(unasked)

    def _ask_about(self, attempt: Attempt) -> bool:
        """False: it is worth another question."""
        sender, provider_id = attempt.sender or "pager", attempt.provider_id
        outlet = self.outlets.get(sender)
        if outlet is None or provider_id is None:
            return True
        try:
            state, code = outlet.provider.state_of(provider_id, attempt.channel)
        except TransportError as error:
            _logger.warning("the carrier was not asked: %s", error.code)
            return error.permanent
        self._take(attempt, provider_id, (state, code), sender)
        return True

    def _ask_again(self, attempt_ids: Sequence[str]) -> None:
        unheard = Attempt.id.in_(attempt_ids) & (Attempt.state == "sent")
        with self.database.writing() as session:
            session.execute(update(Attempt).where(unheard).values(asked_at=None))

    def _silent(self) -> Sequence[Attempt]:
        with self.database.reading() as session:
            if not session.scalars(_unheard(self.clock.now(session)).limit(1)).all():
                return ()
        with self.database.writing() as session:
            now = self.clock.now(session)
            silent = session.scalars(_unheard(now).limit(BATCH).with_for_update(skip_locked=True)).all()
            for attempt in silent:
                attempt.asked_at = now
            return silent

    def _take(self, attempt: Attempt, provider_id: str, said: tuple[str, str], sender: str) -> None:
        with self.database.writing() as session:
            now = self.clock.now(session)
            other = SECOND in self.outlets
            about = webhooks.About(provider_id, attempt.channel, sender, attempt.id)
            alarm = webhooks.status(session, now, about, *said, elsewhere=other)
        if alarm:
            self.alarm.sound(alarm)


def _unheard(now: int) -> Select[Attempt]:
    told = Attempt.channel.in_((TEXT, CALL))  # nobody tells more of the others than that they were taken
    handed_over = told & (Attempt.state == "sent") & (Attempt.sent_at <= now - QUIET_MS)
    # An index finds them by when they were due, which is before they were sent.
    return select(Attempt).where(handed_over, Attempt.due_at > now - PAST_MS, Attempt.asked_at.is_(None))
