"""After an acknowledgement: what is pending stops, and those already paged hear who has the case."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import people
from notify.channels import TEXT
from notify.duty_tables import ContactMethod
from notify.tables import Attempt, Page
from notify.ways import readable
from vault.ids import new_id

_REACHED = ("claimed", "sent", "delivered")


def stand_down(session: Session, now: int, page: Page, won: Sequence[str], member_id: str) -> None:
    """Cancel what is due for the pages ``won``, and tell everyone else who was paged who has ``page``."""
    pages = Attempt.page_id.in_(won) & (Attempt.kind == "page")
    paged = select(Attempt.responder_id).where(pages, Attempt.state.in_(_REACHED))
    others = set(session.scalars(paged)) - {people.responder_of(session, member_id)}
    session.execute(update(Attempt).where(pages, Attempt.state == "due").values(state="cancelled"))
    tell(session, now, page, "told", ways(session, others))


def tell(session: Session, now: int, page: Page, kind: str, methods: Iterable[ContactMethod]) -> None:
    """Say something of ``page`` by ``methods``: ``kind`` is an attempt's."""
    session.add_all(_told(now, page, kind, method) for method in methods)
    session.flush()


def ways(session: Session, responders: set[str | None]) -> Iterator[ContactMethod]:
    """Where each of ``responders`` reads what nobody is called for, if they have such a way."""
    rows = session.scalars(select(ContactMethod).where(ContactMethod.responder_id.in_(responders))).all()
    for responder in sorted(filter(None, responders)):
        way = readable(row for row in rows if row.responder_id == responder)
        if way is not None:
            yield way


def phones(session: Session, responders: set[str | None]) -> list[ContactMethod]:
    """Where each of ``responders`` gets texts, which digits can answer: one phone each, if they have any."""
    texts = ContactMethod.responder_id.in_(responders) & (ContactMethod.channel == TEXT)
    rows = session.scalars(select(ContactMethod).where(texts).order_by(ContactMethod.rank.desc()))
    return list({row.responder_id: row for row in rows}.values())


def _told(now: int, page: Page, kind: str, method: ContactMethod) -> Attempt:
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
        due_at=now,
        created_at=now,
    )
