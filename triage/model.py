"""What triage answers: urgency bands, signals and the assessment, with a stable JSON form.

Other rooms import these names through `triage`; nothing here knows how an answer is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Self, cast

from triage.errors import AssessmentFormatError

Subject = Literal["self", "other", "none"]


class Urgency(StrEnum):
    """The four bands, highest first; `rank` orders them."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    PROMPT = "prompt"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 for immediate, 3 for routine."""
        return _RANKS[self.value]

    @classmethod
    def highest(cls, *bands: "Urgency") -> "Urgency":
        """The most urgent of the given bands; ROUTINE when there are none."""
        return min(bands, key=lambda band: band.rank, default=cls.ROUTINE)


_RANKS = {"immediate": 0, "urgent": 1, "prompt": 2, "routine": 3}


class Signal(NamedTuple):
    """One concept found: `start`, `end` are code points of the original, `kind` holds no reporter's words."""

    kind: str
    rule: str
    start: int
    end: int
    modifiers: tuple[str, ...] = ()
    gloss: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "rule": self.rule,
            "start": self.start,
            "end": self.end,
            "modifiers": list(self.modifiers),
            "gloss": self.gloss,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            kind=str(data["kind"]),
            rule=str(data["rule"]),
            start=int(data["start"]),
            end=int(data["end"]),
            modifiers=tuple(map(str, data["modifiers"])),
            gloss=str(data["gloss"]),
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a text means for the order in which humans read and are paged.

    `categories` starts with the main danger. `mentions_staff` says that a staff member may be the one
    reported. `why` names the composition that gave the band, `raise_by` what would have raised it.
    """

    urgency: Urgency
    wakes: bool
    categories: tuple[str, ...]
    subject: Subject
    language: str
    scored: bool
    mentions_staff: bool
    roles: tuple[str, ...]
    signals: tuple[Signal, ...]
    why: str
    raise_by: tuple[str, ...]
    ruleset_hash: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of signal, each once, in order: the only thing kept as `recent` for later messages."""
        return tuple(dict.fromkeys(signal.kind for signal in self.signals))

    def to_json(self) -> dict[str, object]:
        """A JSON-ready record; `from_json` gives the equal assessment back."""
        return {
            "urgency": self.urgency.value,
            "wakes": self.wakes,
            "categories": list(self.categories),
            "subject": self.subject,
            "language": self.language,
            "scored": self.scored,
            "mentions_staff": self.mentions_staff,
            "roles": list(self.roles),
            "signals": [signal.to_json() for signal in self.signals],
            "why": self.why,
            "raise_by": list(self.raise_by),
            "ruleset_hash": self.ruleset_hash,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            AssessmentFormatError: a key is missing or a value has the wrong shape.
        """
        try:
            return cls(
                urgency=Urgency(data["urgency"]),
                wakes=bool(data["wakes"]),
                categories=tuple(map(str, data["categories"])),
                subject=cast("Subject", str(data["subject"])),
                language=str(data["language"]),
                scored=bool(data["scored"]),
                mentions_staff=bool(data["mentions_staff"]),
                roles=tuple(map(str, data["roles"])),
                signals=tuple(Signal.from_json(signal) for signal in data["signals"]),
                why=str(data["why"]),
                raise_by=tuple(map(str, data["raise_by"])),
                ruleset_hash=str(data["ruleset_hash"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise AssessmentFormatError(f"not an assessment: {type(error).__name__}") from error
