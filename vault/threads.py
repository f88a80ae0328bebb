"""Threads: messages put into the database and read again in order, with every gap and forgery shown.

Needs no secret of its own: keys come as arguments.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from vault import thread_items, thread_rows
from vault.errors import BadKeyError, ThreadMovedError, UnknownReportError
from vault.ids import new_id
from vault.kem import PrivateKey, PublicKey, fingerprint
from vault.message import (
    RECEIPT,
    Content,
    Recipient,
    SealedMessage,
    ThreadHead,
    message_hash,
    seal_message,
    wrap_for,
)
from vault.signing import Signer
from vault.statements import Row
from vault.tables import Message, Report
from vault.thread_items import SignKeys, ThreadItem

__all__ = [
    "RECEIPT",
    "Content",
    "Recipient",
    "SealedMessage",
    "Signer",
    "ThreadHead",
    "ThreadItem",
    "append",
    "begin",
    "head",
    "new_head",
    "open_found",
    "open_thread",
    "reporter_recipient",
    "seal_message",
    "share",
]


def new_head(install: str, school: str) -> ThreadHead:
    """The beginning of a new thread, with a fresh report id."""
    return ThreadHead(install, school, new_id())


def head(session: Session, install: str, report_id: str) -> ThreadHead:
    """Where the next message of ``report_id`` goes. Raises UnknownReportError."""
    school = session.scalar(select(Report.school).where(Report.id == report_id))
    return _after_last(session, install, report_id, school)


def begin(
    session: Session,
    sealed: SealedMessage,
    minute: int,
    report: Row | None = None,
    teams: Iterable[str] = (),
    event: Row | None = None,
) -> None:
    """Store the first message of a report, and the ``report`` with it unless this transaction has done so.

    Nobody can have come first. ``teams``: those that can open it. ``event``: what the audit notes of it.
    """
    thread_rows.store(session, sealed, minute, report, teams, event)


def append(
    session: Session,
    sealed: SealedMessage,
    minute: int,
    teams: Iterable[str] = (),
    event: Row | None = None,
) -> None:
    """Store ``sealed`` with its wraps. ``minute`` in ms. Its Report must be stored or pending in ``session``.

    ``teams``: those that can open the report from now on, and could not before. ``event``: as for ``begin``.

    Raises ThreadMovedError if another message came first; what else is in the transaction may go on.
    """
    session.flush()
    at = sealed.head
    # The lock orders writers on PostgreSQL; on SQLite the transaction already has the only writer's place.
    school = session.scalar(select(Report.school).where(Report.id == at.report_id).with_for_update())
    if _after_last(session, at.install, at.report_id, school) != at:
        raise ThreadMovedError("another message came first")
    thread_rows.store(session, sealed, minute, teams=teams, event=event)


def open_thread(
    session: Session,
    install: str,
    report_id: str,
    openers: Mapping[str, PrivateKey],
    directory: SignKeys,
) -> tuple[ThreadItem, ...]:
    """Every place of the thread in order. ``openers``: recipient name to private key.

    Raises only UnknownReportError: whatever is wrong with a message is that item's state.
    """
    found = thread_rows.thread(session, install, openers, id=report_id)
    if found is None:
        raise UnknownReportError("no such report")
    return tuple(thread_items.walk(found[1], openers, directory))


def open_found(
    session: Session,
    install: str,
    lookup_id: str,
    openers: Mapping[str, PrivateKey],
    directory: SignKeys,
) -> tuple[str, tuple[ThreadItem, ...]]:
    """The school of the report with ``lookup_id``, and its thread as ``open_thread`` gives it.

    Without assessments: whoever comes with a lookup id wrote the thread, and is not told how it was read.
    """
    found = thread_rows.thread(session, install, openers, lookup_id=lookup_id)
    if found is None:
        raise UnknownReportError("no such report")
    return found[0], tuple(thread_items.walk(found[1], openers, directory, assessed=False))


def share(
    session: Session,
    install: str,
    report_id: str,
    message_ids: Iterable[str],
    openers: Mapping[str, PrivateKey],
    to: Recipient,
) -> None:
    """Wrap these messages of a thread to one recipient more. What does not open is left as it is."""
    _, stored = thread_rows.thread(session, install, [*openers, to.name], id=report_id) or ("", [])
    wanted = set(message_ids)
    for sealed in (one.sealed for one in stored if one.sealed.message_id in wanted):
        if to.name not in dict(sealed.wraps):
            thread_rows.add_wrap(session, sealed.message_id, to.name, wrap_for(sealed, openers, to))


def reporter_recipient(items: tuple[ThreadItem, ...], public: bytes | None) -> Recipient | None:
    """The receipt as a recipient (None: a thread without one), if all that was opened names the stored key.

    One message could be a forger's; members' are signed. Raises BadKeyError: somebody exchanged the clear
    column or a message, and nothing must be sealed to it.
    """
    named = {item.sealed_to[RECEIPT] for item in items if RECEIPT in item.sealed_to}
    if named != (set() if public is None else {fingerprint(public)}):
        raise BadKeyError("the reporter's stored key is not the one their messages were sealed to")
    return None if public is None else Recipient(RECEIPT, PublicKey.decode(public))


def _after_last(session: Session, install: str, report_id: str, school: str | None) -> ThreadHead:
    if school is None:
        raise UnknownReportError("no such report")
    latest = select(Message).where(Message.report_id == report_id).order_by(Message.seq.desc()).limit(1)
    row = session.scalar(latest)
    if row is None:
        return ThreadHead(install, school, report_id)
    at = ThreadHead(install, school, report_id, row.seq)
    last = SealedMessage(row.id, at, row.author, row.sealed_body, row.sealed_assessment, ())
    return ThreadHead(install, school, report_id, row.seq + 1, message_hash(last))
