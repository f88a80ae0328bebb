"""What the carrier posts about our texts and calls, and what it is answered; the web part is reporting's.

A status may come twice, late, or before our own commit: an attempt's states only go forward.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, union_all
from sqlalchemy.orm import Session

from notify import emptying, holding, outcome
from notify.acknowledge import Result
from notify.channels import PAGER, TEXT
from notify.channels.faults import IN_DOUBT
from notify.tables import Attempt, Page
from templates.words import render

# The provider has it; the rest of its way is its own.
TAKEN = frozenset({"accepted", "queued", "sending", "sent", "initiated", "ringing", "in-progress"})
DELIVERED = frozenset({"delivered", "completed"})
FAILED = frozenset({"failed", "undelivered", "busy", "no-answer", "canceled"})
_OVER = frozenset({"delivered", "failed", "cancelled"})
_SETTLED = frozenset({"acknowledged", "one_more", "already", "cannot_open", "tested"})


@dataclass(frozen=True)
class About:
    """What a status is about: the text or call ``provider_id`` of whoever sends for our number ``sender``.

    An id means something only to the company that gave it. ``attempt_id``: as the callback's address has it.
    """

    provider_id: str
    channel: str = TEXT
    sender: str = PAGER
    attempt_id: str = ""


def status(
    session: Session,
    now: int,
    about: About,
    state: str,
    error_code: str = "",
    *,
    elsewhere: bool = False,
) -> str:
    """Take a status callback. The alarm to sound, or nothing.

    ``state`` is the provider's word (MessageStatus or CallStatus). What is not news is ignored.
    From the line only letters leave: its account tells of no page. ``elsewhere``: there is another sender of
    pages.
    """
    if state in FAILED:
        _hold_pages(session, about)
    attempts = _attempts(session, about)
    if state in DELIVERED | FAILED and about.channel == TEXT:
        # Also what no attempt of ours sent: an answer that the carrier itself made of our words.
        emptying.note(session, now, about.sender, about.provider_id)
    alarms = [
        _take(session, now, attempt, about.provider_id, (state, error_code), elsewhere=elsewhere)
        for attempt in attempts
        if attempt.state not in _OVER and (about.sender != "line" or attempt.kind == "letter")
    ]
    return next(filter(None, alarms), "")


def _take(
    session: Session, now: int, attempt: Attempt, provider_id: str, said: tuple[str, str], *, elsewhere: bool
) -> str:
    state, error_code = said
    # A repeated callback about an earlier try must not disturb the next one.
    stale = attempt.state in {"due", "claimed"} and attempt.provider_id == provider_id
    if state in TAKEN:
        _note_taken(session, now, attempt, provider_id, stale=stale)
    elif state in DELIVERED:
        outcome.delivered(session, now, attempt, provider_id)
    elif state in FAILED and not stale:
        attempt.provider_id = provider_id
        code = error_code or state
        # A letter of the line's has no other sender.
        other = elsewhere and attempt.sender != "line"
        return outcome.failed(
            session, now, attempt, code, permanent=outcome.is_for_good(code, elsewhere=other)
        )
    return ""


def _note_taken(session: Session, now: int, attempt: Attempt, provider_id: str, *, stale: bool) -> None:
    """Whoever sent it may be gone without having noted that it was taken; then this spares the phone."""
    if attempt.state in {"due", "claimed"} and not stale:
        outcome.sent(session, now, attempt, provider_id)


def answer_text(result: Result) -> str:
    """The words that answer somebody's text."""
    answers = (render("messages/answer.txt", one.locale, result=one) for one in (result, *result.others))
    return "\n".join(answer.strip() for answer in answers)


def text_xml(text: str, status_to: str) -> str:
    """TwiML that answers with ``text``, or with nothing; its end is told to the address ``status_to``."""
    return render("messages/replied.xml", "en", text=text, status_to=status_to)


def voice_answer(result: Result, action: str) -> str:
    """TwiML that answers pressed digits; while any are missing, more go to ``action`` (empty: enough)."""
    facts = {"result": result, "last": not action}
    spoken = render("messages/spoken_answer.txt", result.locale, **facts).strip()
    again = "" if result.kind in _SETTLED else action
    return render("messages/said.xml", result.locale, spoken=spoken, action=again, pin=result.pin)


def _attempts(session: Session, about: About) -> Sequence[Attempt]:
    """What the provider speaks of: one attempt, or all that were joined into one text."""
    # At last what was noted while we waited for it.
    return _known(session, about) or _unnoted(session, about.attempt_id) or _known(session, about)


def _known(session: Session, about: About) -> Sequence[Attempt]:
    took = func.coalesce(Attempt.sender, PAGER) == about.sender
    return _locked(session, (Attempt.provider_id == about.provider_id) & took)


def _hold_pages(session: Session, about: About) -> None:
    """Lock the pages that it may bring further: before their attempts, as whoever answers one does."""
    token = session.scalar(select(Attempt.token).where(Attempt.id == about.attempt_id))
    # Each by its own index.
    its = (
        Attempt.provider_id == about.provider_id,
        Attempt.id == about.attempt_id,
        (Attempt.token == token) & (Attempt.state == "claimed"),
    )
    called = union_all(*(select(Attempt.page_id).where(one) for one in its))
    holding.hold(session, Page.id.in_(called))


def _unnoted(session: Session, attempt_id: str) -> Sequence[Attempt]:
    # Before our own commit the row does not know the provider's id yet; after a crash it never will.
    broken_off = (Attempt.state == "due") & (Attempt.tries > 0) & Attempt.error_code.in_(IN_DOUBT)
    claimed, own = Attempt.state == "claimed", Attempt.id == attempt_id
    token = select(Attempt.token).where(own).scalar_subquery()
    return _locked(session, or_(own & or_(claimed, broken_off), claimed & (Attempt.token == token)))


def _locked(session: Session, which: ColumnElement[bool]) -> Sequence[Attempt]:
    """In one order, that of whoever notes how a text of several ended."""
    return session.scalars(select(Attempt).where(which).order_by(Attempt.id).with_for_update()).all()
