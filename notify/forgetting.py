"""What the pager forgets: everything of a subject that was purged, and traces that are of no use any more."""

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import QueryableAttribute, Session

from notify.paging import LIVE
from notify.tables import Attempt, Digest, Page


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
