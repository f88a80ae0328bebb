"""The rows of a thread, written and read with statements that are built once: every message goes this way."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import bindparam, false, or_, select
from sqlalchemy.orm import Session

from vault.message import SealedMessage, ThreadHead
from vault.statements import Adding, AddingTogether, Row, Statement
from vault.tables import AuditEvent, Message, RecipientTeam, Report, Wrap

_ADD = AddingTogether(Report, RecipientTeam, Message, Wrap, AuditEvent)
_ADD_WRAP = Adding(Wrap)
_COLUMNS = (
    Report.id.label("report_id"),
    Report.school,
    Message.id,
    Message.seq,
    Message.author,
    Message.minute,
    Message.sealed_body,
    Message.sealed_assessment,
    Wrap.recipient,
    Wrap.sealed,
)


class StoredMessage(NamedTuple):
    """A message as it was stored, with its wraps for those who open it."""

    sealed: SealedMessage
    minute: int


def store(
    session: Session,
    sealed: SealedMessage,
    minute: int,
    report: Row | None = None,
    teams: Iterable[str] = (),
    event: Row | None = None,
) -> None:
    """Write a message, its wraps, the ``report`` it begins, and ``teams`` that open the report from now on.

    ``event``: what the audit notes of it. IntegrityError when its place is taken.
    """
    report_id = sealed.head.report_id
    row = {
        "id": sealed.message_id,
        "report_id": report_id,
        "seq": sealed.head.seq,
        "author": sealed.author,
        "minute": minute,
        "sealed_body": sealed.body,
        "sealed_assessment": sealed.assessment,
    }
    wraps = [{"message_id": sealed.message_id, "recipient": to, "sealed": key} for to, key in sealed.wraps]
    opening = [{"report_id": report_id, "team_id": team} for team in sorted(teams)]
    _ADD.run(session, [report] if report else [], opening, [row], wraps, [event] if event else [])


def add_wrap(session: Session, message_id: str, recipient: str, sealed: bytes) -> None:
    """One recipient more of a message that is there."""
    _ADD_WRAP.run(session, {"message_id": message_id, "recipient": recipient, "sealed": sealed})


def thread(
    session: Session, install: str, openers: Collection[str], **which: str
) -> tuple[str, list[StoredMessage]] | None:
    """A report's school and its messages in order, each with its wraps for ``openers``; None: no such report.

    ``which``: the report's ``id`` or its ``lookup_id``.
    """
    ((by, value),) = which.items()
    values = {f"opener_{number}": name for number, name in enumerate(openers)}
    rows = _thread_by(by, len(values)).run(session, {by: value, **values})
    found: dict[str, StoredMessage] = {}
    for report_id, school, message_id, seq, author, minute, body, assessment, recipient, wrap in rows:
        if message_id is None:
            continue
        wraps = found[message_id].sealed.wraps if message_id in found else ()
        if recipient is not None:
            wraps = (*wraps, (recipient, wrap))
        at = ThreadHead(install, school, report_id, seq)
        sealed = SealedMessage(message_id, at, author, body, assessment, wraps)
        found[message_id] = StoredMessage(sealed, minute)
    return (rows[0].school, list(found.values())) if rows else None


@lru_cache(maxsize=64)
def _thread_by(column: str, openers: int) -> Statement:
    """One statement for a whole thread. A report without messages has one row without a message."""
    ours = or_(false(), *(Wrap.recipient == bindparam(f"opener_{number}") for number in range(openers)))
    return Statement(
        select(*_COLUMNS)
        .select_from(Report)
        .outerjoin(Message, (Message.report_id == Report.id) & (Message.seq >= 0))
        .outerjoin(Wrap, (Wrap.message_id == Message.id) & ours)
        .where(Report.__table__.c[column] == bindparam(column))
        .order_by(Message.seq)
    )
