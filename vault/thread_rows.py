"""The rows of a thread, written and read with statements that are built once: every message goes this way."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, insert, select
from sqlalchemy.orm import Session

from vault.message import SealedMessage
from vault.tables import Message, Report, Wrap

_REPORT_ID: BindParameter[str] = bindparam("report_id")
_ADD_MESSAGE = insert(Message.__table__)  # type: ignore[arg-type]  # a mapped class has a Table
_ADD_WRAP = insert(Wrap.__table__)  # type: ignore[arg-type]  # as above
_SCHOOL = select(Report.school).where(Report.id == _REPORT_ID)
_COLUMNS = (
    Message.id,
    Message.seq,
    Message.author,
    Message.minute,
    Message.sealed_body,
    Message.sealed_assessment,
)
_MESSAGES = select(*_COLUMNS).where(Message.report_id == _REPORT_ID, Message.seq >= 0).order_by(Message.seq)
_WRAPS = (
    select(Wrap.message_id, Wrap.recipient, Wrap.sealed)
    .join(Message, Message.id == Wrap.message_id)
    .where(Message.report_id == _REPORT_ID, Wrap.recipient.in_(bindparam("openers", expanding=True)))
)


class MessageRow(NamedTuple):
    """A message as it is stored."""

    id: str
    seq: int
    author: str
    minute: int
    sealed_body: bytes
    sealed_assessment: bytes | None


def store(session: Session, sealed: SealedMessage, minute: int) -> None:
    """Write a message and its wraps. IntegrityError when its place is taken."""
    row = {
        "id": sealed.message_id,
        "report_id": sealed.head.report_id,
        "seq": sealed.head.seq,
        "author": sealed.author,
        "minute": minute,
        "sealed_body": sealed.body,
        "sealed_assessment": sealed.assessment,
    }
    wraps = [{"message_id": sealed.message_id, "recipient": to, "sealed": key} for to, key in sealed.wraps]
    connection = session.connection()
    connection.execute(_ADD_MESSAGE, row)
    connection.execute(_ADD_WRAP, wraps)


def school_of(session: Session, report_id: str) -> str | None:
    return session.connection().execute(_SCHOOL, {"report_id": report_id}).scalar()


def messages(session: Session, report_id: str) -> Sequence[MessageRow]:
    """All of a report's messages in order."""
    rows: Iterable[Any] = session.connection().execute(_MESSAGES, {"report_id": report_id})
    return [MessageRow(*row) for row in rows]


def wraps(
    session: Session, report_id: str, openers: Iterable[str]
) -> dict[str, tuple[tuple[str, bytes], ...]]:
    """Message id to its wraps for these openers."""
    found: dict[str, tuple[tuple[str, bytes], ...]] = {}
    values = {"report_id": report_id, "openers": tuple(openers)}
    for message_id, recipient, sealed in session.connection().execute(_WRAPS, values):
        found[message_id] = (*found.get(message_id, ()), (recipient, sealed))
    return found
