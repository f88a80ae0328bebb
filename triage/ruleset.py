"""A compiled rule set: known words, phrases, patterns by anchor word, joins, kinds, compositions, hash.

Rules are data (`triage/rules`, or a school's own files); `triage.compiling` turns files into this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.evidence import Evidence
from triage.pattern import Needed, Pattern
from triage.repair import Repair

MODIFIERS = ("negated", "framed", "past", "small", "hyper", "mild", "prevent", "harmless", "leave", "weeks")
ROLES = ("staff", "parent", "officer", "relative", "partner", "adult")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of signal is worth alone and, in `floors`, under modifiers; bands as ranks, 3 = routine."""

    name: str
    family: str = ""
    category: str = "other"
    band: int = 3
    floors: Mapping[str, int] = field(default_factory=dict)
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


class Phrase(NamedTuple):
    """A phrase of `length` words, those from the third on, its bits and the patterns that begin at it."""

    text: str
    length: int
    rest: tuple[str, ...] = ()
    mark: int = 0
    first: tuple[Needed, ...] = ()


class Phrases(NamedTuple):
    """The phrases that begin with two words: `short` has no third, `longer` all others by it."""

    short: tuple[Phrase, ...]
    longer: Mapping[str, tuple[Phrase, ...]]


class Entry:
    """What rules know of a word: the bits of the sets that hold it, the patterns that begin at it.

    `phrases` are those that begin with it, by their second word.
    """

    __slots__ = ("first", "mark", "phrases")

    def __init__(self, mark: int, first: tuple[Needed, ...], phrases: Mapping[str, Phrases]) -> None:
        self.mark = mark
        self.first = first
        self.phrases = phrases


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What rules know of words, phrases and fragments.

    `late` has the patterns of the second stage by the word, phrase or fragment at which they begin.
    `fragments` are the names by which the second stage knows the kinds of the first.
    """

    words: Mapping[str, Entry]
    late: Mapping[str, tuple[Needed, ...]]
    fragments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that matching looks up.

    `swallows` has the kinds that a kind says more exactly, `roles` the roles that a word names. `ids` are
    the rules' ids, `own` those of a school's own files; `doubtful` are the patterns (rule and row) that
    ordinary talk has too.
    """

    known: Mapping[str, str | tuple[str, ...]]
    lexicon: Lexicon
    joins: Mapping[str, tuple[Join, ...]]
    classes: Mapping[str, frozenset[str]]
    kinds: Mapping[str, Kind]
    swallows: Mapping[str, frozenset[str]]
    compositions: Mapping[str, tuple[Compose, ...]]
    roles: Mapping[str, tuple[str, ...]]
    repair: Repair
    evidence: Evidence
    hash: str
    doubtful: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    base: "RuleSet | None" = None
