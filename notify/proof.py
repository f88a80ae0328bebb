"""What became of a page, event by event, from the audit: who was called, by which way, when, who took it.

Each event is held to the pager's signature, and all of them to the rows of the page: what the rows say and
the audit does not is named, never filled in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import trail, trail_gaps
from notify.channels.faults import RANG
from notify.tables import Page
from notify.trail_gaps import Gap
from notify.trail_reading import Noted, events_of, names_in
from vault.clock import MINUTE
from vault.tables import AuditEvent, AuditLease

WHOLE, WAITING, BROKEN, UNREAD = "whole", "waiting", "broken", "unread"
IsWhole = Callable[[AuditEvent, bytes], bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. ``name``: who did it, or who was called; ``to``: whom it was offered to or taken from.

    ``state``: whole, waiting (the pager has not chained it yet) or broken. ``why``: what a step came of:
    time, failed, passed or unopened.
    """

    at: int
    verb: str
    actor: str
    name: str
    to: str
    channel: str
    why: str
    facts: Mapping[str, str | int]
    seq: int | None
    link: str
    state: str

    @property
    def rang(self) -> bool:
        """A call that nobody picked up: it failed, and nothing is wrong."""
        return self.verb == trail.FAILED and self.facts.get("code") in RANG


@dataclass(frozen=True, slots=True)
class Checked:
    """Up to which event all of the audit was found whole, when (ms), and the first that was not."""

    until: int = 0
    at: int | None = None
    broken: int | None = None


@dataclass(frozen=True)
class Proof:
    """``page`` is None once its rows are deleted: then the audit alone tells."""

    page_id: str
    page: Page | None
    entries: tuple[Entry, ...]
    gaps: tuple[Gap, ...]
    checked: Checked
    taken_by: str = field(default="")

    @property
    def seconds(self) -> bool:
        """Whether any time is still told to the second: they are erased some hours after."""
        return any(entry.at % MINUTE for entry in self.entries)

    @property
    def last(self) -> int:
        """The place of the newest event in the audit's chain."""
        return max((entry.seq or 0 for entry in self.entries), default=0)

    @property
    def standing(self) -> str:
        """What it is worth: broken, waiting, unread (the audit before it was not read yet) or whole."""
        broken = self.checked.broken is not None and self.checked.broken <= self.last
        if not self.entries or self.gaps or broken or any(entry.state == BROKEN for entry in self.entries):
            return BROKEN
        if any(entry.state == WAITING for entry in self.entries):
            return WAITING
        return WHOLE if self.checked.until >= self.last else UNREAD


def proof_of(session: Session, page_id: str, is_whole: IsWhole, checked: Checked | None = None) -> Proof:
    """The proof of a page. ``checked``: of the audit before it; None: what the pager noted of its reading."""
    page, noted = session.get(Page, page_id), events_of(session, page_id)
    return Proof(
        page_id=page_id,
        page=page,
        entries=tuple(_entries(session, noted, is_whole)),
        gaps=tuple(trail_gaps.between(session, page, noted)) if page else (),
        checked=checked or _checked(session),
        taken_by=names_in(session, [], [page.acknowledged_by or ""]).get(page.acknowledged_by or "", "")
        if page
        else "",
    )


def _entries(session: Session, noted: Sequence[Noted], is_whole: IsWhole) -> list[Entry]:
    called = {one.fact("attempt"): one for one in noted if one.verb == trail.QUEUED}
    members = [one.member for one in noted] + [_other(one) for one in noted]
    responders = [one.fact("responder") for one in noted] + [one.responder for one in noted]
    names = names_in(session, responders, members)
    return [_entry(one, noted[:at], called, names, is_whole) for at, one in enumerate(noted)]


def _entry(
    one: Noted,
    before: Sequence[Noted],
    called: Mapping[str, Noted],
    names: Mapping[str, str],
    is_whole: IsWhole,
) -> Entry:
    attempt = called.get(one.fact("attempt"), one)
    who = attempt.fact("responder") or one.member or one.responder
    return Entry(
        at=one.event.at,
        verb=one.verb,
        actor=one.event.actor,
        name=names.get(who, who),
        to=names.get(_other(one), ""),
        channel=attempt.fact("channel"),
        why=_why(before) if one.verb in (trail.STEP, trail.NOBODY) else "",
        facts=one.facts,
        seq=one.event.seq,
        link=(one.event.link or b"").hex(),
        state=_state(one, is_whole),
    )


def _other(one: Noted) -> str:
    """The member whom it was offered to, or taken over from; empty for anything else."""
    return one.fact("to") or one.fact("owner")


def _state(one: Noted, is_whole: IsWhole) -> str:
    if one.event.seq is None:
        return WAITING
    return WHOLE if is_whole(one.event, one.link_before) else BROKEN


def _why(before: Sequence[Noted]) -> str:
    """What a step came of: the events since the one before it tell."""
    starts = (at for at, one in enumerate(before) if one.verb in (trail.OPENED, trail.STEP, trail.NOBODY))
    since = before[max(starts, default=0) :]
    verbs = {one.verb for one in since}
    if trail.REOPENED in verbs:
        return "unopened"
    if trail.PASSED in verbs:
        return "passed"
    ended = {one.fact("attempt") for one in since if one.verb == trail.FAILED}
    alive = {one.fact("attempt") for one in since if one.verb in (trail.QUEUED, trail.SENT)} - ended
    return "failed" if ended and not alive else "time"


def _checked(session: Session) -> Checked:
    # Not the whole row: the staff process may not read whose lease it is.
    found = select(AuditLease.checked_seq, AuditLease.checked_at, AuditLease.broken_seq)
    row = session.execute(found.where(AuditLease.id == 1)).first()
    return Checked(row.checked_seq or 0, row.checked_at, row.broken_seq) if row else Checked()
