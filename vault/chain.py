"""The audit chain's exact form (docs/protocol.md, section 4.9), and the one who adds to it.

Each event's link is a hash over the event and the link before it; each link is signed. So an event that is
changed, taken out or put in between shows, and so does, with a head that somebody else kept, a cut-off end.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from vault.clock import MINUTE
from vault.place import NOTHING_BEFORE, pack
from vault.signing import is_signed
from vault.tables import AuditEvent, AuditLease

# Signed inside the transaction: on SQLite whoever files a message waits for it.
BATCH = 100
LEASE_MS = 10_000
_LINK_LABEL = b"tipline/1/audit-link"
_SIGNATURE_LABEL = b"tipline/1/audit-signature"
_TABLE = AuditEvent.__table__
_CHAIN = (
    update(_TABLE)  # type: ignore[arg-type]  # a mapped class has a Table
    .where(_TABLE.c.id == bindparam("event_id"), _TABLE.c.seq.is_(None))
    .values(seq=bindparam("place"), link=bindparam("new_link"), signature=bindparam("signed"))
)


@dataclass(frozen=True)
class Head:
    """The end of the chain: how many events it has, and the last one's link."""

    seq: int = 0
    link: bytes = NOTHING_BEFORE
    signature: bytes = b""


@dataclass(frozen=True)
class Added:
    """What one round came to: how many events, the end of the chain after it (None: another has the lease).

    ``rewritten``: the database no longer holds what this chainer saw before.
    """

    count: int = 0
    head: Head | None = None
    rewritten: bool = False


@dataclass
class Chainer:
    """Links and signs events. Remembers the end it made or saw: a shorter chain in the database shows."""

    install: str
    key: Ed25519PrivateKey = field(repr=False)
    holder: str
    head: Head | None = None

    def chain(self, session: Session, now: int) -> Added:
        """Add the events that wait, at most ``BATCH``; once that is committed, the caller says ``keep``."""
        if not _take_lease(session, now, self.holder):
            return Added()
        before, rewritten = self._before(session)
        waiting = session.scalars(
            select(AuditEvent).where(AuditEvent.seq.is_(None)).order_by(AuditEvent.id).limit(BATCH)
        ).all()
        rows = []
        for event in waiting:
            before = self._after(before, event)
            rows.append(_row(event, before))
        if rows:
            session.connection().execute(_CHAIN, rows)
        return Added(len(rows), before, rewritten)

    def keep(self, added: Added) -> None:
        """Remember the end of a chain that is committed. One that was rolled back must not be missed."""
        self.head = added.head or self.head

    def _before(self, session: Session) -> tuple[Head, bool]:
        """The end to go on from: the database's, or ours if that was cut off. What is gone stays missing."""
        stored = end(session)
        if self.head is None or self.head.seq == 0:
            return stored, False
        link = session.scalar(select(AuditEvent.link).where(AuditEvent.seq == self.head.seq))
        return self.head if stored.seq < self.head.seq else stored, link != self.head.link

    def _after(self, before: Head, event: AuditEvent) -> Head:
        link = link_of(self.install, before.seq + 1, before.link, event)
        signature = self.key.sign(pack(*signed_fields(self.install, before.seq + 1, link)))
        return Head(before.seq + 1, link, signature)


def end(session: Session) -> Head:
    """The end of the chain as the database has it."""
    last = select(AuditEvent.seq, AuditEvent.link, AuditEvent.signature).where(AuditEvent.seq.is_not(None))
    row = session.execute(last.order_by(AuditEvent.seq.desc()).limit(1)).first()
    return Head(row.seq, row.link or b"", row.signature or b"") if row else Head()


def link_of(install: str, seq: int, before: bytes, event: AuditEvent) -> bytes:
    """SHA-256 over the event at its place. Of its time the minute alone: seconds are erased later."""
    words = (event.actor, event.verb, event.pseudonym, event.facts)
    fields = [install.encode(), _number(seq), before, _number(event.at // MINUTE)]
    return hashlib.sha256(pack(_LINK_LABEL, *fields, *(word.encode() for word in words))).digest()


def is_ours(public: Ed25519PublicKey, install: str, head: Head) -> bool:
    """Whether the install's pager signed this place of the chain."""
    return is_signed(public, head.signature, *signed_fields(install, head.seq, head.link))


def signed_fields(install: str, seq: int, link: bytes) -> tuple[bytes, ...]:
    """What a signature of the chain is over."""
    return _SIGNATURE_LABEL, install.encode(), _number(seq), link


def waits(session: Session) -> bool:
    """Whether any event is not chained yet."""
    return session.scalar(select(AuditEvent.id).where(AuditEvent.seq.is_(None)).limit(1)) is not None


def with_seconds(session: Session, before: int) -> Sequence[int]:
    """Ids of chained events from before ``before`` (ms) that still tell their second, at most ``BATCH``."""
    precise = (AuditEvent.seq.is_not(None), AuditEvent.at.between(0, before - 1), AuditEvent.at % MINUTE != 0)
    return session.scalars(select(AuditEvent.id).where(*precise).order_by(AuditEvent.seq).limit(BATCH)).all()


def cut_to_minutes(session: Session, event_ids: Sequence[int]) -> None:
    """Keep of these events' times the minute. The chain does not cover more."""
    cut = (
        update(AuditEvent)
        .where(AuditEvent.id.in_(event_ids))
        .values(at=AuditEvent.at - AuditEvent.at % MINUTE)
    )
    session.execute(cut, execution_options={"synchronize_session": False})


def _take_lease(session: Session, now: int, holder: str) -> bool:
    free = or_(AuditLease.holder == holder, AuditLease.until < now)
    taken = (
        update(AuditLease)
        .where(AuditLease.id == 1, free)
        .values(holder=holder, until=now + LEASE_MS)
        .returning(AuditLease.id)
    )
    if session.scalar(taken, execution_options={"synchronize_session": False}):
        return True
    if session.scalar(select(func.count()).select_from(AuditLease)):
        return False
    # The very first round of an install. Of two pagers at once one breaks off, and looks again.
    session.execute(insert(AuditLease).values(id=1, holder=holder, until=now + LEASE_MS))
    return True


def _row(event: AuditEvent, at: Head) -> dict[str, object]:
    return {"event_id": event.id, "place": at.seq, "new_link": at.link, "signed": at.signature}


def _number(value: int) -> bytes:
    # Signed: whoever can add an event can date it before 1970, and must not stop the chain with that.
    return value.to_bytes(8, "big", signed=True)
