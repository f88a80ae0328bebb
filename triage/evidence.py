"""Evidence: many small signs that together raise a band, each worth a few points; they never lower one.

Rules see what was said; half of all reports only hint. A cue is a word or two neighbouring words. Its
points are data (`rules/common/evidence.toml`), fitted by `tests/triage/weigh.py` and open to correction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from triage.words import PAUSE, SENTENCE

# A text counts with its strongest sentences, so that what else is said, before or after, takes nothing away.
STRONGEST = 3
MOST_SHOWN = 5
FEWEST_POINTS = 4
# What the main category of the rules is worth beside the votes of the cues.
RULES_VOTE = 40
IMMEDIATE, URGENT, PROMPT, ROUTINE = range(4)
# Columns of points are kept in one integer, so that one sum adds them all: most of a text's time goes here.
BITS = 24
_HALF, _MASK = 1 << (BITS - 1), (1 << BITS) - 1

# The known cues of each sentence.
Found = Sequence[AbstractSet[str]]


class Mark(NamedTuple):
    """A cue that counted: tokens `start:end` and its points towards danger."""

    start: int
    end: int
    points: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What cues are worth, packed: `points` are (danger, now, concern), `votes` a column for each category.

    `strong` has the cues worth showing. `concern`, `danger` and `now` say how many points make a text
    `prompt`, `urgent` and `immediate`; `lean` is what every category begins with.
    """

    points: Mapping[str, int]
    votes: Mapping[str, int]
    strong: Mapping[str, int]
    categories: Sequence[str]
    lean: int
    concern: int
    danger: int
    now: int


def pack(columns: Iterable[int]) -> int:
    """Columns as one integer; sums of packed columns are packed sums."""
    return sum(value << BITS * at for at, value in enumerate(columns))


def unpack(packed: int, count: int) -> list[int]:
    """The columns again, each less than `2 ** (BITS - 1)` either way."""
    columns = []
    for _ in range(count):
        value = ((packed + _HALF) & _MASK) - _HALF
        columns.append(value)
        packed = (packed - value) >> BITS
    return columns


def found_in(tokens: Sequence[str], evidence: Evidence) -> Found:
    """The known cues of each sentence, each once, and no sentence twice. Linear in the tokens."""
    known = evidence.points.keys()
    return list({frozenset(cues_of(words) & known) for words in sentences(tokens)})


def weigh(found: Found, evidence: Evidence) -> int:
    """The band (as rank) that the cues of a text's sentences come to."""
    worth = evidence.points.__getitem__
    sums = zip(*(unpack(sum(map(worth, cues)), 3) for cues in found), strict=True)
    danger, now, concern = map(_strongest, sums)
    if danger >= evidence.danger:
        return IMMEDIATE if now >= evidence.now else URGENT
    return PROMPT if concern >= evidence.concern else ROUTINE


def category_of(found: Found, evidence: Evidence, by_rules: str) -> str:
    """The category with most votes; that of the rules, unless `other`, has `RULES_VOTE` of its own."""
    cues = evidence.votes.keys() & set().union(*found)
    packed = evidence.lean + sum(map(evidence.votes.__getitem__, cues))
    votes = dict(zip(evidence.categories, unpack(packed, len(evidence.categories)), strict=True))
    if by_rules != "other":
        votes[by_rules] = votes.get(by_rules, 0) + RULES_VOTE
    return max(votes, key=votes.__getitem__, default=by_rules)


def marks_of(found: Found, tokens: Sequence[str], evidence: Evidence) -> Sequence[Mark]:
    """The strongest cues, each where it stands first, in the order of the text; none within another."""
    strong = evidence.strong
    shown: list[Mark] = []
    for name in sorted(strong.keys() & set().union(*found), key=lambda name: (-strong[name], name)):
        start, end = _place(name.split(" "), tokens)
        if all(end <= mark.start or mark.end <= start for mark in shown):
            shown.append(Mark(start, end, strong[name]))
        if len(shown) == MOST_SHOWN:
            break
    return sorted(shown)


def compile_evidence(documents: Iterable[Mapping[str, Any]]) -> Evidence:
    """The evidence of rule files; a later file's line replaces an earlier one's.

    A line is `cue: danger now concern category+votes ...`.

    Raises:
        ValueError: a line is malformed, or votes for a category that `lean` does not name.
    """
    needs: Mapping[str, int] = {}
    lean: Mapping[str, int] = {}
    points: dict[str, int] = {}
    votes: dict[str, int] = {}
    strong: dict[str, int] = {}
    for given in (document["evidence"] for document in documents if "evidence" in document):
        needs, lean = given.get("needs", needs), given.get("lean", lean)
        for line in given.get("cues", "").strip().splitlines():
            name, _, rest = line.rpartition(":")
            danger, now, concern, *voted = rest.split()
            points[name] = pack((int(danger), int(now), int(concern)))
            if int(danger) >= FEWEST_POINTS:
                strong[name] = int(danger)
            if voted:
                votes[name] = _votes(voted, tuple(lean))
    return Evidence(
        points,
        votes,
        strong,
        tuple(lean),
        pack(lean.values()),
        *(needs.get(name, 1) for name in ("concern", "danger", "now")),
    )


def _votes(words: Iterable[str], categories: Sequence[str]) -> int:
    """`abuse+12 welfare-3`, packed."""
    packed = 0
    for word in words:
        sign = "-" if "-" in word else "+"
        category, _, points = word.partition(sign)
        packed += int(sign + points) << BITS * categories.index(category)
    return packed


def sentences(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words of each sentence, pauses left out."""
    words = [token for token in tokens if token != PAUSE]
    start = 0
    for end in [at for at, word in enumerate(words) if word == SENTENCE]:
        yield words[start:end]
        start = end + 1
    yield words[start:]


def cues_of(words: Sequence[str]) -> set[str]:
    """Every cue that a sentence may have: its words, and neighbours."""
    return {*words, *map(" ".join, pairwise(words))}


def _strongest(sums: Sequence[int]) -> int:
    """The points of the strongest sentences; one that speaks against danger counts as nothing."""
    return sum(sorted(points for points in sums if points > 0)[-STRONGEST:])


def _place(words: Sequence[str], tokens: Sequence[str]) -> tuple[int, int]:
    """Where these one or two words first stand in a text that has them; pauses may lie between."""
    start = -1
    while True:
        start = tokens.index(words[0], start + 1)
        end = start + 1
        while end < len(tokens) and tokens[end] == PAUSE:
            end += 1
        if len(words) == 1:
            return start, start + 1
        if end < len(tokens) and tokens[end] == words[1]:
            return start, end + 1
