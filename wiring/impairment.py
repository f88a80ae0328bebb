"""Whether pages may be failing to leave this install: asked by casework on every view, answered from rows."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, or_, select

from notify.settings import PagingSettings, milliseconds
from notify.tables import Attempt, Pace, Page, Pulse
from notify.vitals import PAGER
from vault.clock import Clock
from vault.database import Database

LATE_MS = 15_000
LONG_MS = 120_000
# A number from which nothing left for longer than this is not busy but stuck.
LEAVING_MS = 5_000


@dataclass(frozen=True)
class Impairment:
    """True when for fifteen seconds or more the pager was silent, or something of an open page is overdue.

    Overdue: a delivery, a step, or the first phone that a page reaches although it tried some.
    ``settings`` are the pager's.
    """

    database: Database
    clock: Clock
    settings: PagingSettings = field(default_factory=PagingSettings)

    def __call__(self) -> bool:
        with self.database.reading() as session:
            now = self.clock.now(session)
            late = now - LATE_MS
            signs = (_waiting(now, self.settings), _forgotten(late), _reached_nobody(late), _silent(late))
            return bool(session.scalar(select(or_(*signs))))


def _waiting(now: int, settings: PagingSettings) -> ColumnElement[bool]:
    """As the watchman has it, a text may wait its turn while others leave, but not for long."""
    latest = now + milliseconds(settings.longest_hold_s)
    number = Pace.lane.startswith("number:") & (Pace.free_at > now - LEAVING_MS) & (Pace.free_at <= latest)
    excused = (
        (Attempt.channel == "sms")
        & (Attempt.due_at >= now - LONG_MS)
        & select(Pace.lane).where(number).exists()
    )
    overdue = Attempt.state.in_(("due", "claimed")) & (Attempt.due_at < now - LATE_MS)
    return select(Attempt.id).where(overdue, ~excused).exists()


def _forgotten(late: int) -> ColumnElement[bool]:
    return select(Page.id).where(Page.state == "open", Page.next_at < late).exists()


def _reached_nobody(late: int) -> ColumnElement[bool]:
    ours = (Attempt.page_id == Page.id) & (Attempt.kind == "page")
    tried = select(Attempt.id).where(ours, Attempt.created_at < late).exists()
    reached = select(Attempt.id).where(ours, Attempt.state.in_(("sent", "delivered"))).exists()
    return select(Page.id).where(Page.state == "open", tried, ~reached).exists()


def _silent(late: int) -> ColumnElement[bool]:
    return ~select(Pulse.process).where(Pulse.process == PAGER, Pulse.at >= late).exists()
