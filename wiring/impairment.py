"""Whether pages may be failing to leave this install: asked by casework on every view, answered from rows."""

from dataclasses import dataclass

from sqlalchemy import select

from notify.tables import Attempt, Page
from vault.clock import Clock
from vault.database import Database

LATE_MS = 15_000


@dataclass(frozen=True)
class Impairment:
    """True when a delivery or a step of an open page is overdue by fifteen seconds or more."""

    database: Database
    clock: Clock

    def __call__(self) -> bool:
        with self.database.reading() as session:
            late = self.clock.now(session) - LATE_MS
            waiting = Attempt.state.in_(("due", "claimed")) & (Attempt.due_at < late)
            forgotten = (Page.state == "open") & (Page.next_at < late)
            found = select(Attempt.id).where(waiting).union_all(select(Page.id).where(forgotten))
            return session.scalar(found.limit(1)) is not None
