"""A compiled rule set: known words, phrases, patterns by anchor word, joins, kinds, compositions, hash.

Rules are data (`triage/rules`, or a school's own files); `triage.compiling` turns files into this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from triage.evidence import Evidence
from triage.pattern import Pattern
from triage.repair import Repair

MODIFIERS = ("negated", "framed", "past", "small", "hyper", "mild", "prevent", "harmless", "leave", "weeks")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of signal is worth alone and under modifiers; bands as ranks, 3 = routine."""

    name: str
    family: str = ""
    category: str = "other"
    band: int = 3
    negated: int | None = None
    framed: int | None = None
    past: int | None = None
    small: int | None = None
    hyper: int | None = None
    mild: int | None = None
    prevent: int | None = None
    harmless: int | None = None
    leave: int | None = None
    weeks: int | None = None
    wakes: bool | None = None
    subject: str = ""
    gloss: str = ""
    swallows: frozenset[str] = frozenset()
    calms_joke: bool = False
    calms_hyper: bool = False
    at_hand: bool = False


class Need(NamedTuple):
    """One of these: kinds, or classes of words ("@firearm"), whose bits are in `mark`."""

    names: tuple[str, ...]
    kinds: frozenset[str]
    mark: int
    label: str


@dataclass(frozen=True, slots=True)
class Compose:
    """A combination of kinds that has a band of its own; `span` 0 is the whole message, else tokens."""

    id: str
    need: tuple[Need, ...]
    none: frozenset[str]
    span: int
    rank: int
    category: str
    wakes: bool | None
    subject: str = ""
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """A kind found when its rarest part and all `others` lie within `span` tokens, in any order."""

    kind: str
    rule: str
    others: tuple[Pattern, ...]
    span: int
    need: int


class Entry(NamedTuple):
    """All that rules know of one word, for one look-up a word: one of a text's words, a phrase or a fragment.

    `mark` has the bits of the sets that hold it; `phrases` are those that begin with it, by their second
    word; `patterns` and `late` (second stage) have it for an anchor, each behind the bits it needs.
    """

    mark: int = 0
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] | None = None
    patterns: tuple[tuple[int, Pattern], ...] = ()
    late: tuple[tuple[int, Pattern], ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that matching looks up; `swallows` has the kinds that a kind says more exactly."""

    known: Mapping[str, str | tuple[str, ...]]
    entries: Mapping[str, Entry]
    joins: Mapping[str, tuple[Join, ...]]
    classes: Mapping[str, frozenset[str]]
    kinds: Mapping[str, Kind]
    swallows: Mapping[str, frozenset[str]]
    compositions: Mapping[str, tuple[Compose, ...]]
    repair: Repair
    evidence: Evidence
    hash: str
    base: "RuleSet | None" = None
