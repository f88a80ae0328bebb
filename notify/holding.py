"""Who needs several pages locks them in one order, that of their ids: then no two wait for one another."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify.tables import Page


def hold(session: Session, subject: str) -> Sequence[Page]:
    """The pages of ``subject``, locked, and as they are now."""
    found = select(Page).where(Page.subject == subject).order_by(Page.id).with_for_update()
    return session.scalars(found, execution_options={"populate_existing": True}).all()
