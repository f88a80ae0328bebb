"""The proof of a page for people and for programs: words and times of a school's own clock, stable keys.

The keys of ``as_json`` are a contract (docs/operations.md): they are added to, never renamed or taken away.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from casework.times import Moment, exact
from notify.proof import Entry, Proof
from templates.words import render


@dataclass(frozen=True, slots=True)
class Line:
    """An event with the moment at which it was noted, as the school's clock shows it."""

    entry: Entry
    at: Moment


@dataclass(frozen=True)
class Told:
    """A proof as it is shown. ``school``: what people call it."""

    proof: Proof
    school: str
    zone: str
    lines: tuple[Line, ...]
    read_at: Moment | None

    @property
    def reference(self) -> str:
        """The case's, which may be said aloud; the page's id once its rows are deleted."""
        return self.proof.page.reference if self.proof.page else self.proof.page_id


def tell(proof: Proof, school: str, zone: str, locale: str) -> Told:
    """``proof`` with its times as ``zone`` and ``locale`` have them."""
    lines = tuple(Line(entry, exact(entry.at, zone, locale)) for entry in proof.entries)
    read_at = exact(proof.checked.at, zone, locale) if proof.checked.at else None
    return Told(proof, school, zone, lines, read_at)


def as_text(told: Told, locale: str) -> str:
    """All of it in words: a heading first, an empty line before each part, an event a line."""
    return render("casework/proof.txt", locale, told=told, proof=told.proof).strip() + "\n"


def as_json(told: Told) -> dict[str, object]:
    """All of it for a program; moments as ISO 8601 with the zone's offset."""
    proof, page = told.proof, told.proof.page
    taken_at = page.acknowledged_at if page else None
    return {
        "page": proof.page_id,
        "school": page.school if page else None,
        "reference": page.reference if page else None,
        "kind": page.kind if page else None,
        "urgency": page.urgency if page else None,
        "state": page.state if page else None,
        "zone": told.zone,
        "opened_at": exact(page.opened_at, told.zone, "en").iso if page else None,
        "taken_by": proof.taken_by or None,
        "taken_at": exact(taken_at, told.zone, "en").iso if taken_at else None,
        "standing": proof.standing,
        "rows": page is not None,
        "times": "seconds" if proof.seconds else "minutes",
        "events": [_event(line) for line in told.lines],
        "missing": [
            {"event": gap.verb, "name": gap.name, "channel": gap.channel, "attempt": gap.attempt}
            for gap in proof.gaps
        ],
        "audit": {
            "whole_until": proof.checked.until,
            "read_at": told.read_at.iso if told.read_at else None,
            "broken": proof.checked.broken,
        },
    }


def _event(line: Line) -> Mapping[str, object]:
    entry = line.entry
    return {
        "seq": entry.seq,
        "at": line.at.iso,
        "event": entry.verb,
        "by": entry.actor,
        "name": entry.name or None,
        "to": entry.to or None,
        "channel": entry.channel or None,
        "why": entry.why or None,
        "facts": dict(entry.facts),
        "link": entry.link or None,
        "state": entry.state,
    }
