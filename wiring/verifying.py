"""Whose address is it? A code goes there through the real outbox; who reads it back is there."""

import hmac
import secrets
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import late_ways, letters, notes
from notify.channels import CALL, PAGER, TEXT
from notify.duty_tables import ContactMethod, Responder
from notify.tables import Attempt
from notify.words import letter_xml
from templates.words import render
from vault import audit
from vault.kem import PublicKey
from vault.keyed import seal_to_line
from vault.people_tables import Member
from wiring.contact_file import NAMES
from wiring.errors import WiringError

DIGITS = 6
RANK = 1


@dataclass(frozen=True)
class Question:
    """A code on its way. It is in this process's memory and in a sealed letter, nowhere else."""

    responder_id: str
    name: str
    channel: str
    address_key: str
    attempt_id: str
    code: str = field(repr=False)

    def fits(self, typed: str) -> bool:
        return hmac.compare_digest("".join(typed.split()).encode(), self.code.encode())


@dataclass(frozen=True)
class Post:
    """What it takes to send somebody something that is no page. ``school`` only orders the outbox."""

    session: Session
    now: int
    school: str
    line: PublicKey

    def ways(self, login: str) -> tuple[Responder, list[ContactMethod]]:
        """Whom ``login`` means, and how to reach them. WiringError when nobody can be reached so."""
        found = select(Responder).join(Member, Member.id == Responder.member_id).where(Member.login == login)
        responder = self.session.scalar(found)
        own = select(ContactMethod).where(ContactMethod.responder_id == getattr(responder, "id", None))
        ways = list(self.session.scalars(own.order_by(ContactMethod.rank, ContactMethod.id)))
        if responder is None or not ways:
            raise WiringError(f"{login}: no member of that name can be reached")
        return responder, ways

    def send(self, way: ContactMethod, locale: str, said: str) -> str:
        """``said`` goes by ``way``; the id of its attempt."""
        body = letter_xml(said, locale) if way.channel == CALL else said
        return letters.post(
            self.session,
            self.now,
            school=self.school,
            rank=RANK,
            sender=PAGER,
            channel=way.channel,
            sealed_to=way.sealed_address,
            sealed_body=seal_to_line(self.line, letters.BODY, body.encode()),
        )


def ask(post: Post, login: str, channel: str) -> Question:
    """Post a code to ``login`` by ``channel``. WiringError when they cannot be reached so.

    Of several such addresses the first that is not verified yet.
    """
    responder, ways = post.ways(login)
    able = [one for one in ways if one.channel == channel]
    way = min(able, key=lambda one: one.verified_at is not None, default=None)
    if way is None:
        raise WiringError(f"{login}: has no {NAMES[channel]} address")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    spelled = ", ".join(code) if channel == CALL else code
    said = render("messages/verify.txt", responder.locale, code=spelled).strip()
    attempt_id = post.send(way, responder.locale, said)
    return Question(responder.id, responder.name, channel, way.address_key, attempt_id, code)


def test(post: Post, login: str) -> dict[str, str]:
    """Say by each way of ``login`` that this is a test; their attempts' ids, by channel."""
    first: dict[str, ContactMethod] = {}
    for way in post.ways(login)[1]:
        first.setdefault(way.channel, way)
    return {channel: notes.post(post.session, post.now, way, notes.TEST) for channel, way in first.items()}


def state(session: Session, attempt_id: str) -> str:
    """Where it stands: ``due``, ``sent`` ... or, if it failed, the provider's code."""
    attempt = session.get_one(Attempt, attempt_id)
    return attempt.error_code or attempt.state


def confirm(session: Session, now: int, question: Question) -> None:
    """The address is theirs: of a number, texts and calls are verified; of a target, for all who share it.

    A page that calls them now goes there as well.
    """
    same = ContactMethod.address_key == question.address_key
    if question.channel in (TEXT, CALL):
        same &= ContactMethod.responder_id == question.responder_id
    unsure = session.scalars(select(ContactMethod).where(same, ContactMethod.verified_at.is_(None))).all()
    session.execute(update(ContactMethod).where(same).values(verified_at=now))
    late_ways.try_now(session, now, unsure)
    audit.record(session, now, actor="operator", verb="contact_verified", responder=question.responder_id)
