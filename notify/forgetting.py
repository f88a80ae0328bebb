"""What the pager forgets: all of a subject that was purged, traces that are of no use any more, seconds."""

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import QueryableAttribute, Session

from notify.tables import Attempt, Digest, Page, PageAnswer, PageCode
from notify.tries import LIVE
from vault.clock import MINUTE
from vault.database import Base


def forget(session: Session, subject: str) -> None:
    """Remove the subject's pages; their attempts and codes go with them."""
    session.execute(delete(Page).where(Page.subject == subject))


def is_called_for(subject: QueryableAttribute[str]) -> ColumnElement[bool]:
    """Whether somebody is still being called for the ``subject`` of a row."""
    live = or_(Page.state == "open", Page.next_at.is_not(None))
    return select(Page.id).where(Page.subject == subject, live).exists()


def forget_old(session: Session, before: int, before_day: str) -> None:
    """Remove what says only that texts went out: ended letters' attempts, and which digests were sent.

    ``before`` in ms, ``before_day`` as 2026-01-31.
    """
    ended = Attempt.state.not_in(LIVE) & Attempt.page_id.is_(None) & Attempt.letter_id.is_(None)
    session.execute(delete(Attempt).where(ended, Attempt.created_at < before))
    session.execute(delete(Digest).where(Digest.day < before_day))


def cut_seconds(session: Session, before: int) -> None:
    """Of pages that ended, and were opened ``before`` (ms), keep the minutes.

    Seconds are of use while people are called: for deadlines, order and the carrier's answers.
    """
    past = (Page.state != "open") & Page.next_at.is_(None) & (Page.opened_at < before)
    ended = select(Page.id).where(past).scalar_subquery()
    theirs = or_(Attempt.page_id.is_(None), Attempt.page_id.in_(ended)) & (Attempt.created_at < before)
    _cut(session, Page, past, "opened_at", "acknowledged_at", "seen_at")
    _cut(session, PageAnswer, PageAnswer.page_id.in_(ended), "at")
    _cut(session, PageCode, PageCode.page_id.in_(ended), "created_at", "sent_at")
    columns = ("due_at", "created_at", "sent_at", "delivered_at", "asked_at")
    _cut(session, Attempt, theirs & Attempt.state.not_in(LIVE), *columns)


def _cut(session: Session, rows_of: type[Base], which: ColumnElement[bool], *columns: str) -> None:
    moments = [getattr(rows_of, column) for column in columns]
    precise = or_(*(moment % MINUTE != 0 for moment in moments))
    minutes = {column: moment - moment % MINUTE for column, moment in zip(columns, moments, strict=True)}
    cut = update(rows_of).where(which, precise).values(minutes)
    session.execute(cut, execution_options={"synchronize_session": False})
