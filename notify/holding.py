"""Locks are taken in one order, so that no two wait for one another: pages, offers, attempts, copies.

Several pages: all at once, as ``hold`` does it. An offer is whoever's who holds the pages of its case. Of
attempts those that are due; what is claimed is its worker's.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from notify.tables import Page


def hold(session: Session, *which: ColumnElement[bool]) -> Sequence[Page]:
    """The pages of which all of ``which`` is true, locked, and as they are now."""
    found = select(Page).where(*which).order_by(Page.subject, Page.id).with_for_update()
    return session.scalars(found, execution_options={"populate_existing": True}).all()
