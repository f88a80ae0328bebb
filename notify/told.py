"""After an acknowledgement: what is pending stops, and those already paged hear who has the case."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import codes, escalation, people, roster
from notify.channels import CALL, TEXT
from notify.duty_tables import Contact, ContactMethod
from notify.tables import Attempt, Page
from notify.ways import readable, ways_of
from vault.ids import new_id

_REACHED = ("claimed", "sent", "delivered")


def stand_down(session: Session, now: int, page: Page, won: Sequence[str], member_id: str) -> None:
    """Cancel what is due for the pages ``won``, and tell the others who has ``page``.

    The others: who was paged and whoever has it, but for ``member_id``, who answers now.
    """
    pages = Attempt.page_id.in_(won) & (Attempt.kind == "page")
    paged = select(Attempt.responder_id).where(pages, Attempt.state.in_(_REACHED))
    owner = people.responder_of(session, page.acknowledged_by)
    others = {*session.scalars(paged), owner} - {people.responder_of(session, member_id)}
    session.execute(update(Attempt).where(pages, Attempt.state == "due").values(state="cancelled"))
    tell(session, now, page, "told", ways(session, others))


def tell(session: Session, now: int, page: Page, kind: str, methods: Iterable[Contact]) -> None:
    """Say something of ``page`` by ``methods``: ``kind`` is an attempt's."""
    session.add_all(_told(now, page, kind, method) for method in methods)
    session.flush()


def ask(session: Session, now: int, page: Page, responder_id: str) -> None:
    """Ask a colleague to take ``page`` over, by their ways and in their order, as a page as urgent does.

    Not where others read it as well, unless they have nothing else: "you" would be whoever looks.
    """
    own = roster.methods_of(session, [responder_id]).get(responder_id, ())
    shared = _shared(session, own, responder_id)
    theirs = [way for way in own if way.channel in (TEXT, CALL) or way.address_key not in shared] or own
    found = ways_of(theirs, escalation.first_ways(page.urgency), now)
    codes.ensure(session, now, page, [way.method for way in found if way.method.channel == TEXT])
    session.add_all(_told(now, page, "offer", way.method, way.after_ms) for way in found)
    session.flush()


def _shared(session: Session, own: Iterable[Contact], responder_id: str) -> set[str]:
    """Which of these addresses are somebody else's too."""
    same = ContactMethod.address_key.in_([way.address_key for way in own])
    others = select(ContactMethod.address_key).where(same, ContactMethod.responder_id != responder_id)
    return set(session.scalars(others))


def hurry(session: Session, now: int, failed: Attempt) -> None:
    """One way of asking a colleague failed: those that still wait go now."""
    asks = (Attempt.page_id == failed.page_id) & (Attempt.kind == failed.kind)
    theirs = (Attempt.responder_id == failed.responder_id) & (Attempt.id != failed.id)
    waiting = (Attempt.state == "due") & (Attempt.tries == 0) & (Attempt.due_at > now)
    session.execute(update(Attempt).where(asks, theirs, waiting).values(due_at=now))


def reached(session: Session, page_id: str, kind: str, responder_id: str) -> bool:
    """Whether anything of ``kind`` about the page has left for this person, or leaves now."""
    found = (Attempt.page_id == page_id) & (Attempt.kind == kind) & (Attempt.responder_id == responder_id)
    left = select(Attempt.id).where(found, Attempt.state.in_(_REACHED)).limit(1)
    return session.scalar(left) is not None


def ways(session: Session, responders: set[str | None]) -> Iterator[Contact]:
    """Where each of ``responders`` reads what nobody is called for, if they have such a way."""
    rows = session.scalars(select(ContactMethod).where(ContactMethod.responder_id.in_(responders))).all()
    for responder in sorted(filter(None, responders)):
        way = readable(row for row in rows if row.responder_id == responder)
        if way is not None:
            yield way


def _told(now: int, page: Page, kind: str, method: Contact, after_ms: int = 0) -> Attempt:
    return Attempt(
        id=new_id(),
        page_id=page.id,
        responder_id=method.responder_id,
        method_id=method.id,
        school=page.school,
        kind=kind,
        channel=method.channel,
        rank=page.rank,
        step=page.step,
        due_at=now + after_ms,
        created_at=now,
    )
