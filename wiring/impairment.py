"""Whether pages may be failing to leave this install: asked by casework on every view, answered from rows."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from notify.tables import Attempt, Page, Pulse
from notify.vitals import PAGER
from vault.clock import Clock
from vault.database import Database

LATE_MS = 15_000


@dataclass(frozen=True)
class Impairment:
    """True when for fifteen seconds or more the pager was silent, or something of an open page is overdue.

    Overdue: a delivery, a step, or the first phone that a page reaches although it tried some.
    """

    database: Database
    clock: Clock

    def __call__(self) -> bool:
        with self.database.reading() as session:
            late = self.clock.now(session) - LATE_MS
            signs = (_waiting(late), _forgotten(late), _reached_nobody(late), _silent(late))
            return bool(session.scalar(select(or_(*signs))))


def _waiting(late: int) -> ColumnElement[bool]:
    return select(Attempt.id).where(Attempt.state.in_(("due", "claimed")), Attempt.due_at < late).exists()


def _forgotten(late: int) -> ColumnElement[bool]:
    return select(Page.id).where(Page.state == "open", Page.next_at < late).exists()


def _reached_nobody(late: int) -> ColumnElement[bool]:
    ours = (Attempt.page_id == Page.id) & (Attempt.kind == "page")
    tried = select(Attempt.id).where(ours, Attempt.created_at < late).exists()
    reached = select(Attempt.id).where(ours, Attempt.state.in_(("sent", "delivered"))).exists()
    return select(Page.id).where(Page.state == "open", tried, ~reached).exists()


def _silent(late: int) -> ColumnElement[bool]:
    return ~select(Pulse.process).where(Pulse.process == PAGER, Pulse.at >= late).exists()
