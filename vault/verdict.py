"""Is the audit chain whole? Names the first event that is changed, missing, unsigned or not yet chained."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from vault.chain import Head, is_ours, link_of
from vault.clock import MINUTE
from vault.place import NOTHING_BEFORE
from vault.tables import AuditEvent

IN_TIME_MS = MINUTE
TURN = 1000


@dataclass(frozen=True)
class Verdict:
    """``count`` events were found in order; ``broken`` says what is wrong first, if anything is."""

    count: int
    broken: str = ""


@dataclass
class Judge:
    """``public``: the key that configuration pins. ``witnessed``: heads that somebody off the host kept."""

    install: str
    public: Ed25519PublicKey
    witnessed: Iterable[Head] = ()
    progress: Callable[[int], None] = lambda _count: None
    _kept: Mapping[int, bytes] = field(init=False, default_factory=dict)

    def judge(self, session: Session, now: int) -> Verdict:
        """Read the whole chain. ``now`` in ms."""
        heads = list(self.witnessed)
        forged = next((head for head in heads if not is_ours(self.public, self.install, head)), None)
        if forged is not None:
            return Verdict(0, f"the witness's line about event {forged.seq} is not signed by this install")
        self._kept = {head.seq: head.link for head in heads}
        found = self._walk(chained(session))
        if found.broken:
            return found
        cut = min((seq for seq in self._kept if seq > found.count), default=None)
        if cut is not None:
            return Verdict(found.count, f"event {found.count + 1} is missing: the witness saw {cut} events")
        return Verdict(found.count, _late(session, now))

    def go_on(self, session: Session, before: Head, most: int) -> tuple[Head, str]:
        """Read at most ``most`` events after ``before``: where that ended, and what is wrong there."""
        events = session.scalars(_in_order().where(AuditEvent.seq > before.seq).limit(most)).all()
        return self._from(before, events)

    def is_whole(self, event: AuditEvent, link_before: bytes) -> bool:
        """Whether a chained ``event`` is what this install's pager signed, after an event with that link."""
        before = Head((event.seq or 0) - 1, link_before)
        return event.seq is not None and not self._look(before, event)

    def _walk(self, events: Iterable[AuditEvent]) -> Verdict:
        end, broken = self._from(Head(0, NOTHING_BEFORE), events)
        return Verdict(end.seq, broken)

    def _from(self, at: Head, events: Iterable[AuditEvent]) -> tuple[Head, str]:
        for event in events:
            broken = self._look(at, event)
            if broken:
                return at, broken
            at = Head(event.seq or 0, event.link or b"")
            self.progress(at.seq)
        return at, ""

    def _look(self, before: Head, event: AuditEvent) -> str:
        seq, link = event.seq or 0, event.link or b""
        if seq != before.seq + 1:
            return f"event {before.seq + 1} is missing"
        if link != link_of(self.install, seq, before.link, event):
            return f"event {seq} is not what it was when it was chained, or the one before it was exchanged"
        if not is_ours(self.public, self.install, Head(seq, link, event.signature or b"")):
            return f"event {seq} is not signed by this install's pager"
        if self._kept.get(seq, link) != link:
            return f"event {seq} is not the one that the witness saw"
        return ""


def chained(session: Session) -> Iterator[AuditEvent]:
    """Every event of the chain in order, read in turns."""
    rest = in_order = _in_order().limit(TURN)
    while events := session.scalars(rest).all():
        yield from events
        session.expunge_all()
        rest = in_order.where(AuditEvent.seq > events[-1].seq)


def _in_order() -> Select[AuditEvent]:
    return select(AuditEvent).where(AuditEvent.seq.is_not(None)).order_by(AuditEvent.seq)


def _late(session: Session, now: int) -> str:
    late = (AuditEvent.seq.is_(None), AuditEvent.at < now - IN_TIME_MS)
    event = session.scalar(select(AuditEvent.id).where(*late).order_by(AuditEvent.id).limit(1))
    return "" if event is None else f"the event noted as {event} was never chained: does the pager run?"
