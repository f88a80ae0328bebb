"""Texts, e-mails and the like that are no pages: a reply to a texter, an answer, the morning digest.

Address and body are sealed to the line key until the one job that sends them, then erased.
"""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from notify.channels import TEXT
from notify.tables import Attempt, Letter
from vault.ids import new_id

# Purposes of vault.keyed: what a phone number and a letter's body are sealed as.
ADDRESS = "address"
BODY = "letter"


def post(  # noqa: PLR0913 - every one is a fact of the letter, named where it is posted
    session: Session,
    now: int,
    *,
    school: str,
    rank: int,
    sender: str,
    sealed_to: bytes,
    sealed_body: bytes,
    channel: str = TEXT,
) -> str:
    """Write a letter and its delivery attempt, whose id it returns.

    ``sender``: line, pager or second; ``rank`` as a page's, 0 first.

    ``sealed_to`` is sealed to the line key as ``ADDRESS``, ``sealed_body`` as ``BODY``.
    """
    letter = Letter(id=new_id(), sender=sender, sealed_to=sealed_to, sealed_body=sealed_body)
    session.add(letter)
    session.flush()
    attempt_id = new_id()
    session.add(
        Attempt(
            id=attempt_id,
            letter_id=letter.id,
            school=school,
            kind="letter",
            channel=channel,
            sender=sender,
            rank=rank,
            due_at=now,
            created_at=now,
        )
    )
    session.flush()
    return attempt_id


def erase(session: Session, letter_id: str) -> None:
    """Destroy a letter that went out, or never will; its attempt stays as the trace that there was one."""
    session.execute(update(Attempt).where(Attempt.letter_id == letter_id).values(letter_id=None))
    session.execute(delete(Letter).where(Letter.id == letter_id))
