"""Evidence: many small signs that together raise a band or bear out a rule, each worth a few points.

Rules see what was said; half of all reports only hint. A cue is a word or two neighbouring words, or the
concepts that stand for words ("@kin"), alone or beside another, over one word in between at most. Points
are data (`rules/common/evidence.toml`), fitted by `tests/triage/weigh.py` and open to correction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
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

NO_CUE = 0
_NOTHING: dict[str, int] = {}
# How many words away the last word of each sort of cue is from its first (`_numbers`).
_REACHES = (0, 0, 1, 1, 2)


class Sentence(NamedTuple):
    """The known cues of a sentence, the packed sum of what they are worth, and how many words it has."""

    cues: AbstractSet[int]
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

    A cue is an index of `worth`, where `NO_CUE` is worth nothing: `ones` has the cues of one word or concept,
    `pairs` those of two, by the first and then by the second. `strong` has the points towards danger of the
    cues worth showing. `concern`, `danger` and `now` say how many points make a text `prompt`, `urgent` and
    `immediate` (in fewer than `words` words, `short` more), `little` and `much` how many bear out what rules
    found. `lean` is what every category begins with. `concepts` names the concept that stands for a word.
    """

    ones: Mapping[str, int]
    pairs: Mapping[str, dict[str, int]]
    worth: Sequence[int]
    strong: Mapping[int, int]
    categories: Sequence[str]
    lean: int
    concepts: Mapping[str, str]
    concern: int
    danger: int
    now: int
    words: int
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
    worth = evidence.worth.__getitem__
    found = []
    for words in sentences(tokens):
        cues = set(chain.from_iterable(_numbers(words, evidence)))
        cues.discard(NO_CUE)
        found.append(Sentence(cues, sum(map(worth, cues)), len(words)))
    if len({one.worth for one in found}) == len(found):
        return found
    by_length = sorted(found, key=attrgetter("words"))
    return list({frozenset(one.cues): one for one in by_length}.values())


def danger_of(found: Found, evidence: Evidence) -> int:
    """The points towards danger of a text's sentences."""
    return _strongest(found, DANGER, evidence)


def weigh(danger: int, found: Found, evidence: Evidence) -> int:
    """The band (as rank) that the cues of a text's sentences come to, given their points towards danger."""
    more = 0 if sum([one.words for one in found]) >= evidence.words else evidence.short
    if danger >= evidence.danger + more:
        return IMMEDIATE if _strongest(found, NOW, evidence) >= evidence.now + more else URGENT
    return PROMPT if _strongest(found, CONCERN, evidence) >= evidence.concern else ROUTINE


def category_of(found: Found, evidence: Evidence, by_rules: str) -> str:
    """The category with most votes; that of the rules, unless `other`, has `RULES_VOTE` of its own."""
    categories = evidence.categories
    if len(found) == 1:
        worth = found[0].worth
    else:  # what several sentences say counts once
        worth = sum(map(evidence.worth.__getitem__, set[int]().union(*(one.cues for one in found))))
    votes = unpack(worth + evidence.lean, POINTS + len(categories))[POINTS:]
    bonus = 0 if by_rules == "other" else RULES_VOTE
    if by_rules in categories:
        votes[categories.index(by_rules)] += bonus
    elif not votes or max(votes) < bonus:
        return by_rules
    return categories[votes.index(max(votes))]


def marks_of(found: Found, tokens: Sequence[str], evidence: Evidence) -> Sequence[Mark]:
    """The strongest cues, each where it stands first, in the order of the text; none within another."""
    counted = set[int]().union(*(evidence.strong.keys() & one.cues for one in found))
    shown: list[Mark] = []
    taken: set[int] = set()
    for less, start, end in sorted(_placed(counted, tokens, evidence)):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            shown.append(Mark(start, end, -less))
            if len(shown) == MOST_SHOWN:
                break
    return sorted(shown)


def sentences(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words of each sentence, pauses left out."""
    words = [token for token in tokens if token != PAUSE]
    start = 0
    for _ in range(words.count(SENTENCE)):
        end = words.index(SENTENCE, start)
        yield words[start:end]
        start = end + 1
    yield words[start:]


def _numbers(words: Sequence[str], evidence: Evidence) -> Iterable[Iterable[int]]:
    """The cues that begin at each word: it, its concept, two words, two concepts, two over one in between."""
    told, no_cue = list(map(evidence.concepts.get, words, words)), repeat(NO_CUE)
    pairs, one = evidence.pairs.get, evidence.ones.get
    after = list(map(pairs, told, repeat(_NOTHING)))
    return (
        map(one, words, no_cue),
        map(one, told, no_cue),
        map(dict.get, map(pairs, words, repeat(_NOTHING)), words[1:], no_cue),
        map(dict.get, after, told[1:], no_cue),
        map(dict.get, after, told[2:], no_cue),
    )


def _strongest(found: Found, column: int, evidence: Evidence) -> int:
    """The points of the strongest sentences; one that speaks against danger counts as nothing.

    A cue counts once: who says the same again in almost the same words adds nothing.
    """
    if len(found) == 1:
        return column_of(found[0].worth, column)
    worth = evidence.worth.__getitem__
    counted: set[int] = set()
    total = taken = 0
    ranked = [(column_of(one.worth, column), at) for at, one in enumerate(found)]
    for points, at in sorted(ranked, reverse=True):
        if points <= 0 or taken == STRONGEST:
            break
        cues = found[at].cues
        new = cues - counted
        added = points if len(new) == len(cues) else column_of(sum(map(worth, new)), column)
        if added > 0:
            total += added
            taken += 1
            counted |= new
    return total


def _placed(
    cues: AbstractSet[int], tokens: Sequence[str], evidence: Evidence
) -> Iterable[tuple[int, int, int]]:
    """Every place of these cues in a text as it sorts: minus the points, then the tokens `start:end`."""
    strong, out = evidence.strong, []
    for places in _places(tokens):
        words = [tokens[at] for at in places]
        for reach, numbers in zip(_REACHES, _numbers(words, evidence), strict=True):
            out += [
                (-strong[cue], places[at], places[at + reach] + 1)
                for at, cue in enumerate(numbers)
                if cue in cues
            ]
    return out


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
