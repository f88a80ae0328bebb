"""What the audit says of a page: the events that name it, and the words for them that machines read.

A page is called by its random id and a person by the id of a responder or member: an event outlives both.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from notify.tables import Attempt, Page
from vault import audit
from vault.statements import Row as Event

PAGER = "pager"
OPENED = "page_opened"
STEP, NOBODY, REOPENED, CLOSED = "page_step", "page_reached_nobody", "page_reopened", "page_closed"
PASSED, ANSWERED, TAKEN, SEEN = "page_passed", "page_answered", "page_acknowledged", "page_seen"
OFFERED, ACCEPTED, DECLINED, EXPIRED = "case_offered", "offer_accepted", "offer_declined", "offer_expired"
WITHDRAWN, TAKEN_OVER = "offer_withdrawn", "case_taken_over"
QUEUED, SENT, ARRIVED = "delivery_queued", "delivery_sent", "delivery_arrived"
RETRIED, FAILED = "delivery_retried", "delivery_failed"
REFUSED = "acknowledgement_refused"
# Through what somebody took a page.
BY_TEXT, BY_CALL, BY_CASEWORK = "text", "call", "casework"


def step(now: int, page: Page, persons: int) -> Event:
    """``page`` has gone on to a step that calls so many: an event to add with the step's attempts."""
    verb, facts = STEP if persons else NOBODY, {"step": page.step, "persons": persons}
    return audit.event(now, PAGER, verb, page.id, facts)


def queued(now: int, rows: Iterable[Event]) -> list[Event]:
    """The events to add with attempts of a page, whose columns ``rows`` are."""
    said = ("responder", "responder_id"), ("channel", "channel"), ("step", "step")
    return [
        audit.event(
            now,
            PAGER,
            QUEUED,
            row["page_id"],
            {"attempt": row["id"], "wait_s": (row["due_at"] - now) // 1000}
            | {fact: row[column] for fact, column in said},
        )
        for row in rows
    ]


def sent(session: Session, now: int, rows: Sequence[Row[Any]], provider_id: str, sender: str) -> None:
    """The provider took what ``rows`` are: id, kind and page_id of attempts that were joined into one."""
    facts = {"sender": sender, "provider": provider_id}
    each = [(row.page_id, {"attempt": row.id, **facts}) for row in rows if row.kind == "page"]
    audit.record_each(session, now, actor=PAGER, verb=SENT, each=each)


def moved(session: Session, now: int, verb: str, attempt: Attempt, **facts: str) -> None:
    """``attempt`` came further, if it is a page's; ``verb`` is one of the deliveries' above."""
    if attempt.kind == "page" and attempt.page_id is not None:
        facts["attempt"] = attempt.id
        audit.record(session, now, actor=PAGER, verb=verb, pseudonym=attempt.page_id, **facts)


def seen(session: Session, now: int, member_id: str, page_ids: Iterable[str]) -> None:
    """``member_id`` has opened the case that these pages call for."""
    each: list[tuple[str, dict[str, str]]] = [(page_id, {}) for page_id in page_ids]
    audit.record_each(session, now, actor=f"member:{member_id}", verb=SEEN, each=each)
