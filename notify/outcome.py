"""What follows from a delivery's end: a retry, the next channel, an erased letter."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from notify import emptying, handover, letters, paging, told, trail
from notify.channels import CALL, PAGER, TEXT
from notify.channels.faults import fault_of
from notify.errors import TransportError
from notify.settings import milliseconds
from notify.tables import Attempt, Page
from vault import audit

# Seconds before a failed channel is tried again; the last one repeats.
PAUSES_S = (1, 5, 15, 30, 60)
LETTER_LIFE_MS = 24 * 3600 * 1000


def sent(session: Session, now: int, attempt: Attempt, provider_id: str) -> None:
    """The provider took it. A text's words are emptied there as soon as it has arrived."""
    if attempt.state != "sent":
        facts = {"sender": attempt.sender or PAGER, "provider": provider_id}
        trail.moved(session, now, trail.SENT, attempt, **facts)
    attempt.state = "sent"
    attempt.provider_id = provider_id
    attempt.sent_at = now
    attempt.asked_at = None
    if attempt.channel == TEXT:
        emptying.note(session, now, attempt.sender or PAGER, provider_id, after_ms=emptying.SETTLED_MS)
    _let_go(session, attempt)


def noted(session: Session, now: int, rows: Sequence[Row[Any]], provider_id: str, sender: str) -> None:
    """What else follows for the ``rows`` of ``claims.sent``: one thing that left, ``provider_id``."""
    trail.sent(session, now, rows, provider_id, sender)
    for row in rows:
        if row.letter_id is not None:
            letters.erase(session, row.letter_id)
    if rows and rows[0].channel == TEXT:
        emptying.note(session, now, sender, provider_id, after_ms=emptying.SETTLED_MS)


def delivered(session: Session, now: int, attempt: Attempt, provider_id: str) -> None:
    """The provider says that the phone has it (or that the call was picked up)."""
    sent(session, attempt.sent_at or now, attempt, provider_id)
    attempt.state = "delivered"
    attempt.delivered_at = now
    trail.moved(session, now, trail.ARRIVED, attempt, provider=provider_id)


def is_for_good(code: str, *, permanent: bool = False, elsewhere: bool) -> bool:
    """Whether no other try can help. ``elsewhere``: another sender may do what this one never can."""
    fault = fault_of(code)
    return (permanent or fault.permanent) and not (elsewhere and fault.alarm == "system")


def refused(session: Session, now: int, attempt: Attempt, error: TransportError, *, elsewhere: bool) -> str:
    """It was not taken; as ``failed``. ``elsewhere``: as ``is_for_good`` has it."""
    permanent = is_for_good(error.code, permanent=error.permanent, elsewhere=elsewhere)
    # Who asks to be left alone asks it for itself: another sender need not wait.
    after_ms = 0 if elsewhere else milliseconds(error.after_s)
    return failed(session, now, attempt, error.code, permanent=permanent, after_ms=after_ms)


def failed(
    session: Session, now: int, attempt: Attempt, code: str, *, permanent: bool, after_ms: int = 0
) -> str:
    """It did not go out: later again, other channels now. Returns the alarm to sound, or nothing.

    ``after_ms``: so long the provider asks to be left alone; nobody else waits for that.
    The caller holds the attempt. A page that somebody has by now is left alone.
    """
    fault = fault_of(code)
    attempt.error_code = code
    page = _locked(session, attempt.page_id)
    if _is_over(session, now, attempt, page):
        _end(session, attempt, "cancelled")
        return ""
    if not permanent and _worth_trying(now, attempt, fault.tries):
        _again(now, attempt, after_ms)
        trail.moved(session, now, trail.RETRIED, attempt, code=code)
    else:
        _end(session, attempt, "failed")
        facts = {"attempt": attempt.id, "code": code}
        page_id = attempt.page_id or ""
        audit.record(session, now, actor=trail.PAGER, verb=trail.FAILED, pseudonym=page_id, **facts)
    session.flush()
    if attempt.kind == "page" and page is not None:
        paging.next_channel(session, now, attempt, page)
    if attempt.kind == "offer":
        told.hurry(session, now, attempt)
    return f"{fault.alarm}_{code}" if fault.alarm else ""


def parted(attempt: Attempt) -> None:
    """It was joined to one that failed for a reason of its own: due by itself, with no try spent."""
    attempt.tries -= 1
    _due(attempt)


def _is_over(session: Session, now: int, attempt: Attempt, page: Page | None) -> bool:
    """Whether nobody wants any more what it asks for."""
    if attempt.kind == "offer":
        return not handover.asks(session, now, attempt)
    return attempt.kind == "page" and (page is None or page.state != "open")


def _locked(session: Session, page_id: str | None) -> Page | None:
    """The page, locked: an acknowledgement comes wholly before or wholly after what follows."""
    return session.get(Page, page_id, with_for_update=True, populate_existing=True) if page_id else None


def _worth_trying(now: int, attempt: Attempt, tries: int) -> bool:
    # A page is repeated by its escalation; a letter has only itself, and rings nobody's phone all day.
    keeps = attempt.kind == "letter" and attempt.channel != CALL
    return attempt.tries < tries or (keeps and now < attempt.created_at + LETTER_LIFE_MS)


def _again(now: int, attempt: Attempt, after_ms: int) -> None:
    pause = max(milliseconds(PAUSES_S[min(attempt.tries, len(PAUSES_S)) - 1]), after_ms)
    attempt.due_at = now + pause + pause * int(attempt.id[:2], 16) // 1024  # up to a quarter, spread by id
    _due(attempt)


def _due(attempt: Attempt) -> None:
    attempt.state = "due"
    attempt.hinted_until = 0
    attempt.token = attempt.lease_until = None


def _end(session: Session, attempt: Attempt, state: str) -> None:
    attempt.state = state
    _let_go(session, attempt)


def _let_go(session: Session, attempt: Attempt) -> None:
    attempt.token = attempt.lease_until = None
    letter_id = attempt.letter_id
    session.flush()
    if letter_id is not None:
        letters.erase(session, letter_id)
