"""Evidence: many small signs that together raise a band or bear out a rule, each worth a few points.

Rules see what was said; half of all reports only hint. A cue is a word or two neighbouring words, or the
concepts that stand for words ("@kin"), alone or beside another, over one word in between at most. Points
are data (`rules/common/evidence.toml`), fitted by `tests/triage/weigh.py` and open to correction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from struct import unpack as unpack_columns
from typing import NamedTuple

from triage.words import PAUSE, SENTENCE

# A text counts with its strongest sentences, so that what else is said, before or after, takes nothing away.
STRONGEST = 3
MOST_SHOWN = 5
FEWEST_POINTS = 8
# What the main category of the rules is worth beside the votes of the cues.
RULES_VOTE = 80
IMMEDIATE, URGENT, PROMPT, ROUTINE = range(4)
# Columns of numbers are kept in one integer, so that one sum adds them all.
BITS = 32
DANGER, NOW, CONCERN = range(3)
POINTS = 3
_LIMIT = 1 << (BITS - 1)


class Cue:
    """One small sign: its points towards danger, and all it is worth (`Evidence`)."""

    __slots__ = ("danger", "worth")

    def __init__(self, danger: int, worth: int) -> None:
        self.danger = danger
        self.worth = worth


_NO_PAIRS: dict[str, Cue] = {}


class Word:
    """A word or the concept that stands for words: the cues it is alone, and those of two that begin with it.

    `concept` is what stands for it (itself, where nothing does), whose cue is among its own; `pairs` has cues
    by their second word.
    """

    __slots__ = ("concept", "cues", "name", "pairs")

    def __init__(self, name: str) -> None:
        self.name = name
        self.cues: tuple[Cue, ...] = ()
        self.pairs = _NO_PAIRS
        self.concept = self


_UNKNOWN = Word("")


Span = tuple[int, int]


class Sentence(NamedTuple):
    """The known cues of a sentence, each with its first place, all they are worth, and its words' number."""

    cues: Mapping[Cue, Span]
    worth: int
    words: int


Found = Sequence[Sentence]


class Mark(NamedTuple):
    """A cue that counted: tokens `start:end` and its points towards danger."""

    start: int
    end: int
    points: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What cues are worth, packed: (danger, now, concern), then a column of votes for each category.

    `words` has the words and concepts that are cues or begin one. `concern`, `danger` and `now` say how many
    points make a text `prompt`, `urgent` and `immediate` (in fewer than `long` words, `short` more), `little`
    and `much` how many bear out what rules found. `lean` is what every category begins with.
    """

    words: dict[str, Word]
    categories: Sequence[str]
    lean: int
    concern: int
    danger: int
    now: int
    long: int
    short: int
    little: int
    much: int


def pack(columns: Iterable[int]) -> int:
    """Columns as one integer; sums of packed columns are packed sums."""
    return sum(value << BITS * at for at, value in enumerate(columns))


@cache
def _lift(count: int) -> int:
    """What makes columns that may be negative positive."""
    return pack([_LIMIT] * count)


_LIFT, _COLUMN = _lift(POINTS), (1 << BITS) - 1


def unpack(packed: int, count: int) -> list[int]:
    """The first `count` columns again, each less than `2 ** (BITS - 1)` either way."""
    lifted = (packed + _lift(count)) & ((1 << BITS * count) - 1)
    return [value - _LIMIT for value in unpack_columns(f"<{count}I", lifted.to_bytes(4 * count, "little"))]


def column_of(packed: int, column: int) -> int:
    """One of the first columns again."""
    return (packed + _LIFT >> BITS * column & _COLUMN) - _LIMIT


def found_in(tokens: Sequence[str], evidence: Evidence) -> Found:
    """The sentences of a text, none twice that has the same known cues. Linear in the tokens."""
    found = []
    for places in _places(tokens):
        cues = _cues(tokens, places, evidence.words)
        found.append(Sentence(cues, sum([cue.worth for cue in cues]), len(places)))
    if len({one.worth for one in found}) == len(found):
        return found
    by_length = sorted(found, key=attrgetter("words"))
    return list({frozenset(one.cues): one for one in by_length}.values())


def danger_of(found: Found) -> int:
    """The points towards danger of a text's sentences."""
    return _strongest(found, DANGER)


def weigh(danger: int, found: Found, evidence: Evidence) -> int:
    """The band (as rank) that the cues of a text's sentences come to, given their points towards danger."""
    more = 0 if sum([one.words for one in found]) >= evidence.long else evidence.short
    if danger >= evidence.danger + more:
        return IMMEDIATE if _strongest(found, NOW) >= evidence.now + more else URGENT
    return PROMPT if _strongest(found, CONCERN) >= evidence.concern else ROUTINE


def category_of(found: Found, evidence: Evidence, by_rules: str) -> str:
    """The category with most votes; that of the rules, unless `other`, has `RULES_VOTE` of its own."""
    categories = evidence.categories
    if len(found) == 1:
        worth = found[0].worth
    else:  # what several sentences say counts once
        worth = sum([cue.worth for cue in {cue for one in found for cue in one.cues}])
    votes = unpack(worth + evidence.lean, POINTS + len(categories))[POINTS:]
    bonus = 0 if by_rules == "other" else RULES_VOTE
    if by_rules in categories:
        votes[categories.index(by_rules)] += bonus
    elif not votes or max(votes) < bonus:
        return by_rules
    return categories[votes.index(max(votes))]


def marks_of(found: Found) -> Sequence[Mark]:
    """The strongest cues, each where it stands first, in the order of the text; none within another."""
    strong = {
        (-cue.danger, start, end)
        for one in found
        for cue, (start, end) in one.cues.items()
        if cue.danger >= FEWEST_POINTS
    }
    shown: list[Mark] = []
    taken: set[int] = set()
    for less, start, end in sorted(strong):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            shown.append(Mark(start, end, -less))
            if len(shown) == MOST_SHOWN:
                break
    return sorted(shown)


def _cues(tokens: Sequence[str], places: Sequence[int], known: Mapping[str, Word]) -> dict[Cue, Span]:
    """The cues of a sentence: words and concepts, two words, two concepts, these over one in between too."""
    cues: dict[Cue, Span] = {}
    before = earlier = _UNKNOWN
    start = first = 0
    for at in places:
        token = tokens[at]
        here = known.get(token, _UNKNOWN)
        name = here.concept.name or token
        for cue in here.cues:
            cues.setdefault(cue, (at, at + 1))
        if (two := before.pairs.get(token)) is not None:
            cues.setdefault(two, (start, at + 1))
        if (two := before.concept.pairs.get(name)) is not None:
            cues.setdefault(two, (start, at + 1))
        if (two := earlier.concept.pairs.get(name)) is not None:
            cues.setdefault(two, (first, at + 1))
        earlier, before, first, start = before, here, start, at
    return cues


def _strongest(found: Found, column: int) -> int:
    """The points of the strongest sentences; one that speaks against danger counts as nothing.

    A cue counts once: who says the same again in almost the same words adds nothing.
    """
    if len(found) == 1:
        return column_of(found[0].worth, column)
    counted: set[Cue] = set()
    total = taken = 0
    ranked = [(column_of(one.worth, column), at) for at, one in enumerate(found)]
    for points, at in sorted(ranked, reverse=True):
        if points <= 0 or taken == STRONGEST:
            break
        cues = found[at].cues
        new = cues.keys() - counted
        added = points if len(new) == len(cues) else column_of(sum([cue.worth for cue in new]), column)
        if added > 0:
            total += added
            taken += 1
            counted |= new
    return total


def _places(tokens: Sequence[str]) -> Iterator[Sequence[int]]:
    """Where the words of each sentence stand."""
    places: list[int] = []
    for at, token in enumerate(tokens):
        if token == SENTENCE:
            yield places
            places = []
        elif token != PAUSE:
            places.append(at)
    yield places
