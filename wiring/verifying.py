"""Whose phone is it? A code goes there through the real outbox; who reads it back has the phone."""

import hmac
import secrets
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import letters
from notify.tables import Attempt, ContactMethod, Responder
from templates.words import render
from vault import audit
from vault.kem import PublicKey
from vault.keyed import seal_to_line
from vault.people_tables import Member
from wiring.errors import WiringError

DIGITS = 6
RANK = 1


@dataclass(frozen=True)
class Question:
    """A code on its way. It is in this process's memory and in a sealed letter, nowhere else."""

    responder_id: str
    name: str
    address_key: str
    attempt_id: str
    code: str = field(repr=False)

    def fits(self, typed: str) -> bool:
        return hmac.compare_digest("".join(typed.split()).encode(), self.code.encode())


def ask(session: Session, now: int, login: str, school: str, line: PublicKey) -> Question:
    """Post a code to the phone of ``login``. WiringError when they are unknown or have none.

    ``school`` only orders the outbox.
    """
    found = select(Responder).join(Member, Member.id == Responder.member_id).where(Member.login == login)
    responder = session.scalar(found)
    if responder is None:
        raise WiringError(f"{login}: no member of that name has a phone")
    texts = select(ContactMethod).where(ContactMethod.channel == "sms")
    method = session.scalars(texts.where(ContactMethod.responder_id == responder.id)).first()
    if method is None:
        raise WiringError(f"{login}: has no phone that takes texts")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    body = render("messages/verify.txt", responder.locale, code=code).strip()
    attempt_id = letters.post(
        session,
        now,
        school=school,
        rank=RANK,
        sender="pager",
        sealed_to=method.sealed_address,
        sealed_body=seal_to_line(line, letters.BODY, body.encode()),
    )
    return Question(responder.id, responder.name, method.address_key, attempt_id, code)


def state(session: Session, question: Question) -> str:
    """Where the text with the code stands: ``due``, ``sent`` ... or, if it failed, the carrier's code."""
    attempt = session.get_one(Attempt, question.attempt_id)
    return attempt.error_code or attempt.state


def confirm(session: Session, now: int, question: Question) -> None:
    """The phone is theirs: texts and calls to that number are verified."""
    same = (ContactMethod.responder_id == question.responder_id) & (
        ContactMethod.address_key == question.address_key
    )
    session.execute(update(ContactMethod).where(same).values(verified_at=now))
    audit.record(session, now, actor="operator", verb="contact_verified", responder=question.responder_id)
