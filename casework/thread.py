"""A thread as its readers see it: who wrote, when, in which words, and what is wrong with it, if anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.highlight import Piece
from casework.times import Age, Moment, age, moment
from casework.visit import Visit
from casework.why import Why, explain
from vault.people_tables import Member
from vault.threads import ThreadItem


@dataclass(frozen=True, slots=True)
class Entry:
    """One message in view. ``state``: opened, missing, forged or closed (not sealed to this member).

    ``name`` is the member who signed it; empty for a reporter.
    """

    seq: int
    author: str
    name: str
    mine: bool
    state: str
    moment: Moment
    age: Age
    text: str = field(repr=False)
    pieces: tuple[Piece, ...] = field(repr=False)
    why: Why | None
    why_missing: bool
    facts: Mapping[str, str]


def entries(session: Session, visit: Visit, zone: str, items: Sequence[ThreadItem]) -> tuple[Entry, ...]:
    names = _names(session, items)
    return tuple(_entry(visit, zone, item, names) for item in items)


def language_of(thread: Sequence[Entry]) -> str:
    """The language the reporter wrote in last; where triage could not tell, that of the form they used."""
    for entry in reversed(thread):
        if entry.author == "reporter" and entry.state == "opened":
            return entry.why.language if entry.why and entry.why.scored else entry.facts.get("locale", "")
    return ""


def _names(session: Session, items: Sequence[ThreadItem]) -> dict[str, str]:
    signers = {item.member_id for item in items if item.member_id}
    rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(signers)))
    return {row.id: row.name for row in rows}


def _entry(visit: Visit, zone: str, item: ThreadItem, names: Mapping[str, str]) -> Entry:
    marked, why = explain(item.text, item.assessment)
    return Entry(
        seq=item.seq,
        author=item.author,
        name=names.get(item.member_id or "", ""),
        mine=item.member_id == visit.member.id,
        state=item.state,
        moment=moment(item.minute, zone, visit.locale),
        age=age(visit.now, item.minute),
        text=item.text,
        pieces=marked,
        why=why,
        why_missing=item.assessment_missing,
        facts=item.facts,
    )
