"""Lines to one person, by one of their ways, about no case: a test, or that a calendar address ended."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import told
from notify.channels import CALL
from notify.duty_tables import Contact
from notify.tables import Attempt
from notify.words import letter_xml
from templates.words import render
from vault.ids import new_id

TEST, FEED_ENDED = "test", "feed_ended"
KINDS = frozenset({TEST, FEED_ENDED})
# After everything that calls somebody.
RANK = 2
HOUR_MS = 3_600_000
EVERY_MS = 60_000
HOURLY = 12


def post(session: Session, now: int, way: Contact, kind: str) -> str:
    """A line of ``kind`` leaves by ``way``; the id of its attempt. Whoever posts it needs no address."""
    attempt_id = new_id()
    session.add(
        Attempt(
            id=attempt_id,
            responder_id=way.responder_id,
            method_id=way.id,
            school="",
            kind=kind,
            channel=way.channel,
            rank=RANK,
            due_at=now,
            created_at=now,
        )
    )
    session.flush()
    return attempt_id


def tell(session: Session, now: int, responders: Iterable[str], kind: str) -> None:
    """The same to each of ``responders`` where they read what nobody is called for."""
    for way in told.ways(session, set(responders)):
        post(session, now, way, kind)


def words_of(kind: str, channel: str, locale: str) -> str:
    """What is said; of a call, TwiML."""
    said = render(f"messages/{kind}.txt", locale).strip()
    return letter_xml(said, locale) if channel == CALL else said


def may_test(session: Session, now: int, way: Contact) -> bool:
    """Whether a test may go by ``way`` now: one a minute, and a dozen an hour to one person."""
    mine = (Attempt.kind == TEST) & (Attempt.responder_id == way.responder_id)
    rows = session.execute(
        select(Attempt.method_id, Attempt.created_at).where(mine, Attempt.created_at > now - HOUR_MS)
    ).all()
    just_now = any(row.method_id == way.id and row.created_at > now - EVERY_MS for row in rows)
    return len(rows) < HOURLY and not just_now
