"""Sending a reply: signed by the member, sealed to the teams and the receipt, copied to a texter's phone.

Sealing happens before the writing transaction; if the thread moved meanwhile, nothing is written.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import walls
from casework.opening import OpenedCase
from casework.visit import Visit
from notify import letters
from triage import Urgency
from vault import audit, threads
from vault.clock import minute_of
from vault.errors import ThreadMovedError
from vault.keyed import seal_to_line
from vault.tables import Report, Texter
from vault.threads import Content, Recipient, SealedMessage


def send_reply(visit: Visit, opened: OpenedCase, text: str) -> None:
    """Store the reply and, for a texter who did not say stop, post its copy.

    Raises:
        ThreadMovedError: somebody wrote since the case was opened; nothing was sent.
        BadKeyError: the reporter's key was exchanged in the database; nothing was sent.
    """
    report = opened.report
    recipients = [*team_readers(visit, opened), *_receipt(opened)]
    sealed = seal(visit, opened, Content(text), recipients)
    copy = seal_to_line(visit.deps.line_public, letters.BODY, text.encode())
    with visit.deps.database.writing() as session:
        store(session, visit, sealed)
        _post_copy(session, visit, report, copy)
        audit.record(session, visit.now, actor=visit.actor, verb="reply_sent", pseudonym=report.pseudonym)
    visit.deps.waker.wake()


def seal(visit: Visit, opened: OpenedCase, content: Content, recipients: list[Recipient]) -> SealedMessage:
    """``content``, signed, for the end of the thread as the member saw it, not as it may be by now."""
    return threads.seal_message(opened.head, "member", content, recipients, visit.keys.signer)


def store(session: Session, visit: Visit, sealed: SealedMessage) -> None:
    """Append what was sealed. ThreadMovedError: somebody wrote, or left a team, since it was sealed."""
    if visit.deps.directory.current(session).signature != visit.directory.signature:
        raise ThreadMovedError("the teams changed while this was sealed")
    threads.append(session, sealed, minute_of(visit.now))


def team_readers(visit: Visit, opened: OpenedCase) -> list[Recipient]:
    """The teams that may read what comes next in this thread."""
    return walls.readers(visit, opened.report.school, opened.items, opened.case.teams, opened.routed)


def _receipt(opened: OpenedCase) -> list[Recipient]:
    receipt = threads.reporter_recipient(opened.items, opened.report.reporter_public)
    return [] if receipt is None else [receipt]


def _post_copy(session: Session, visit: Visit, report: Report, sealed_body: bytes) -> None:
    texter = session.scalar(select(Texter).where(Texter.report_id == report.id).limit(1))
    if texter is None or texter.stopped:
        return
    letters.post(
        session,
        visit.now,
        school=report.school,
        rank=Urgency(report.urgency).rank,
        sender="line",
        sealed_to=texter.sealed_number,
        sealed_body=sealed_body,
    )
