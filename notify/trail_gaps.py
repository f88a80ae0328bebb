"""Where a page's rows say what the audit does not: an event was taken out, or a row was changed by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import people, trail
from notify.tables import Attempt, Page
from notify.trail_reading import Noted

# What the audit says of an attempt in these states.
_ENDS = {"sent": trail.SENT, "delivered": trail.ARRIVED, "failed": trail.FAILED}
_TOOK = (trail.TAKEN, trail.ANSWERED, trail.ACCEPTED, trail.TAKEN_OVER)


@dataclass(frozen=True, slots=True)
class Gap:
    """The event ``verb`` is missing. ``name``: of whom it would be about; ``channel``: of the attempt."""

    verb: str
    name: str = ""
    channel: str = ""
    attempt: str = ""


def between(session: Session, page: Page, noted: Sequence[Noted]) -> Iterator[Gap]:
    """Every event that the rows of ``page`` ask for and that is not there."""
    if trail.OPENED not in {one.verb for one in noted}:
        yield Gap(trail.OPENED)
    took = {one.member for one in noted if one.verb in _TOOK}
    if page.acknowledged_by and page.acknowledged_by not in took:
        yield Gap(trail.TAKEN, people.name_of(session, page.acknowledged_by))
    said = {(one.verb, one.fact("attempt")) for one in noted}
    rows = select(Attempt).where(Attempt.page_id == page.id, Attempt.kind == "page")
    for attempt in session.scalars(rows.order_by(Attempt.created_at, Attempt.id)):
        for verb in (trail.QUEUED, _ENDS.get(attempt.state, trail.QUEUED)):
            if (verb, attempt.id) not in said:
                names = people.names(session, [attempt.responder_id or ""])
                yield Gap(verb, names.get(attempt.responder_id or "", ""), attempt.channel, attempt.id)
                break
