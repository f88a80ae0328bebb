"""Patterns over tokens: words, classes, choices, optional parts and bounded gaps around an anchor.

Parts are split by spaces: `word`, `@class`, `a|@b` choice, `part?` optional, `~3` up to three tokens between,
`!a|b` the next token is none of these, `^` and `$` start and end of the message, `*part` the anchor.
A gap never crosses the end of a sentence; a pause (",") never hinders.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import cycle
from operator import itemgetter, or_
from typing import NamedTuple

from triage.errors import RuleFileError

MAX_GAP = 12
# What a word of everyday texts costs in a set.
EVERYDAY = 1000
# So many bits tell the sets of words apart ("need"): an integer beyond 512 bytes takes twice as long to make.
# Sets with everyday words, of which texts are full, share these; rare sets share the others, which come
# first, so that for most words a small integer does.
BITS = 3600
EVERYDAY_BITS = 2200
# The bit that every text has.
ALWAYS = 1 << BITS


class Part(NamedTuple):
    """One element: `words` to accept (or refuse), and how many tokens may be skipped before it.

    `several` says that there are phrases or fragments among its words.
    """

    words: frozenset[str]
    gap: int = 0
    optional: bool = False
    refuse: bool = False
    edge: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: the anchor's words, the parts after it, and those before it in reverse.

    `need` has the bits (`Choices.bit`) of the other parts: without them a text need not be tried. One of the
    words `beside` must stand within `reach` tokens after the anchor (before it, when negative), pauses not
    counted; `reach` is 0 where the neighbouring part may be a phrase or be left out.
    """

    kind: str
    rule: str
    source: str
    anchor: frozenset[str]
    after: tuple[Part, ...]
    before: tuple[Part, ...]
    need: int
    beside: frozenset[str] = frozenset()
    reach: int = 0


# A pattern behind the bits of what it needs, and behind the rarest of these: a byte and the bit in it.
Needed = tuple[int, int, int, Pattern]


class Choices:
    """The sets of words that patterns name, each kept once; those that patterns need have a bit each.

    More sets than bits share them: a shared bit lets a pattern be tried in vain, never be missed.
    """

    def __init__(
        self,
        classes: Mapping[str, frozenset[str]],
        common: frozenset[str],
        canonical: Callable[[str], str],
    ) -> None:
        self.bits: dict[frozenset[str], int] = {}
        self._everyday = cycle(range(BITS - EVERYDAY_BITS, BITS))
        self._rare = cycle(range(BITS - EVERYDAY_BITS))
        self._classes = classes
        self._common = common
        self._canonical = canonical
        self._read: dict[str, frozenset[str]] = {}
        self._kept: dict[frozenset[str], frozenset[str]] = {}
        self._costs: dict[frozenset[str], int] = {}
        self._several: dict[frozenset[str], bool] = {}

    def words(self, piece: str, rule: str) -> frozenset[str]:
        """The words of one part ("a|@b").

        Raises:
            RuleFileError: an unknown class.
        """
        found = self._read.get(piece)
        if found is None:
            found = self._choice(piece, rule)
            found = self._read[piece] = self._kept.setdefault(found, found)
        return found

    def cost(self, words: frozenset[str]) -> int:
        """How common a set of words is in everyday texts."""
        found = self._costs.get(words)
        if found is None:
            found = self._costs[words] = len(words & self._common) * EVERYDAY + len(words)
        return found

    def several(self, words: frozenset[str]) -> bool:
        """Whether phrases or fragments are among them."""
        found = self._several.get(words)
        if found is None:
            found = self._several[words] = any(" " in word or word[0] == "<" for word in words)
        return found

    def bit(self, words: frozenset[str]) -> int:
        """The bit that says that one of these words is in a text; fragments, found later, have none."""
        if any(word[0] == "<" for word in words):
            return 0
        found = self.bits.get(words)
        if found is None:
            places = self._rare if self.cost(words) < EVERYDAY else self._everyday
            found = self.bits[words] = 1 << next(places)
        return found

    def marks(self) -> dict[str, int]:
        """For each word the bits of the sets that hold it."""
        held: dict[str, tuple[int, ...]] = {}
        for words, bit in self.bits.items():
            for word in words:
                held[word] = (*held.get(word, ()), bit)
        kept = {
            bits: reduce(or_, bits) for bits in set(held.values())
        }  # one object for words of the same sets
        return {word: kept[bits] for word, bits in held.items()}

    def _choice(self, piece: str, rule: str) -> frozenset[str]:
        words: set[str] = set()
        for option in piece.split("|"):
            if not option.startswith("@"):
                words.add(option if option[0] == "<" else self._canonical(option))
            elif option[1:] in self._classes:
                words |= self._classes[option[1:]]
            else:
                raise RuleFileError(f"{rule}: no class {option}")
        words |= {_with_2(word) for word in words}
        return frozenset(words - {""})


def _with_2(word: str) -> str:
    """A word or phrase as who writes "2" for "to" would."""
    return " ".join(["2" if one == "to" else one for one in word.split(" ")])


def needed(pattern: Pattern) -> Needed:
    """The pattern as it is tried."""
    need = pattern.need or ALWAYS
    rarest = (need & -need).bit_length() - 1  # rare sets come first
    return rarest // 8, 1 << rarest % 8, need, pattern


def compile_pattern(kind: str, rule: str, source: str, choices: Choices) -> Pattern:
    """Compile one pattern.

    Raises:
        RuleFileError: an unknown class, a gap too wide, or no part that could be an anchor.
    """
    parts, starred = _parse(source, rule, choices)
    rarest = _rarest(parts, choices)
    if starred is None and not rarest:
        raise RuleFileError(f"{rule}: nothing to anchor in {source!r}")
    anchor = rarest[0] if starred is None else starred
    need = 0
    for index in rarest:
        need |= 0 if index == anchor else choices.bit(parts[index].words)
    after, before = tuple(parts[anchor + 1 :]), _reversed(parts[: anchor + 1])
    beside, reach = _beside(after, before, choices)
    return Pattern(
        kind=kind,
        rule=rule,
        source=source,
        anchor=parts[anchor].words,
        after=after,
        before=before,
        need=need,
        beside=beside,
        reach=reach,
    )


def _beside(after: Sequence[Part], before: Sequence[Part], choices: Choices) -> tuple[frozenset[str], int]:
    """The rarer of the parts next to the anchor, and how far away it may stand."""
    neighbours = [
        (choices.cost(part.words), sign * (part.gap + 1), part.words)
        for sign, part in ((1, after[0] if after else None), (-1, before[0] if before else None))
        if part and not (part.optional or part.refuse or part.edge or part.several)
    ]
    if not neighbours:
        return frozenset(), 0
    _, reach, words = min(neighbours, key=itemgetter(0))
    return words, reach


def _parse(source: str, rule: str, choices: Choices) -> tuple[list[Part], int | None]:
    parts: list[Part] = []
    gap, starred = 0, None
    for piece in source.split():
        if piece[0] == "~":
            gap = int(piece[1:])
            if not 0 < gap <= MAX_GAP:
                raise RuleFileError(f"{rule}: gap {gap} is not in 1..{MAX_GAP}")
            continue
        if piece in {"^", "$"}:
            parts.append(Part(frozenset(), gap, edge=True))
            gap = 0
            continue
        if piece[0] == "*":
            starred, piece = len(parts), piece[1:]  # noqa: PLW2901  # the star is not part of the choice
        optional, refuse = piece.endswith("?"), piece[0] == "!"
        words = choices.words(piece.strip("?!"), rule)
        if words:  # fillers ("just") vanish from texts, so from patterns too
            parts.append(Part(words, gap, optional, refuse, several=choices.several(words)))
            gap = 0
    return parts, starred


def _rarest(parts: Sequence[Part], choices: Choices) -> list[int]:
    """The places of the parts that must be there, the rarest first."""
    must = [index for index, part in enumerate(parts) if not (part.optional or part.refuse or part.edge)]
    return sorted(must, key=lambda index: choices.cost(parts[index].words))


def _reversed(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts before the anchor, nearest first, each with the gap on its other side."""
    out = []
    for index in range(len(parts) - 2, -1, -1):
        part = parts[index]
        out.append(part._replace(gap=parts[index + 1].gap))
    return tuple(out)
