"""The rows by which a page tries its persons: attempts, the codes of texts, and what the audit notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from notify import codes, trail
from notify.channels import CALL, TEXT
from notify.duty_tables import Contact
from notify.tables import Attempt, Page, PageCode
from notify.ways import Way
from vault.ids import new_id
from vault.statements import AddingTogether, Row
from vault.tables import AuditEvent

_ADD = AddingTogether(Page, PageCode, Attempt, AuditEvent)
LIVE = ("due", "claimed")


@dataclass(frozen=True)
class Tries:
    """Rows that are still to be added; ``attempts`` may be none."""

    codes: Sequence[Row] = ()
    attempts: Sequence[Row] = ()
    events: Sequence[Row] = ()

    def add(self, session: Session, *before: Row, page: Page | None = None) -> None:
        """Add them, after the events ``before``; ``page``: with the row of the page that opens with them."""
        columns = Page.__table__.columns.keys()
        pages = [{name: getattr(page, name) for name in columns}] if page else []
        _ADD.run(session, pages, self.codes, self.attempts, [*before, *self.events])


def tries_by(session: Session, now: int, page: Page, ways: Iterable[Way]) -> Tries:
    """What tries ``ways`` for ``page``, but for those of which a try is still under way."""
    # Of a target that several share the earliest counts: somebody may have no other way.
    wanted = {_once(way.method): way for way in sorted(ways, key=lambda way: -way.after_ms)}
    if not codes.is_new(page):
        mine = select(Attempt.method_id).where(of_page(page.id), Attempt.state.in_(LIVE))
        trying = set(session.scalars(mine))
        wanted = {key: way for key, way in wanted.items() if way.method.id not in trying}
    texts = [way.method for way in wanted.values() if way.method.channel == TEXT]
    rows = [
        {
            "id": new_id(),
            "page_id": page.id,
            "responder_id": way.method.responder_id,
            "method_id": way.method.id,
            "school": page.school,
            "channel": way.method.channel,
            "rank": page.rank,
            "step": page.step,
            "due_at": now + way.after_ms,
            "created_at": now,
        }
        for way in wanted.values()
    ]
    return Tries(codes.drawn(session, now, page, texts), rows, trail.queued(now, rows))


def of_page(page_id: str | None) -> ColumnElement[bool]:
    """The attempts by which somebody is asked to take a page."""
    return (Attempt.page_id == page_id) & (Attempt.kind == "page")


def _once(method: Contact) -> str:
    """A mailbox or target that several persons share gets one notice; a phone has a code for each of them."""
    return method.id if method.channel in (TEXT, CALL) else method.address_key
