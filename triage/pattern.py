"""Patterns over tokens: words, classes, choices, optional parts and bounded gaps around an anchor.

Parts are split by spaces: `word`, `@class`, `a|@b` choice, `part?` optional, `~3` up to three tokens between,
`!a|b` the next token is none of these, `^` and `$` start and end of the message, `*part` the anchor.
A gap never crosses the end of a sentence; a pause (",") never hinders.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from triage.errors import RuleFileError

MAX_GAP = 12


@dataclass(frozen=True, slots=True)
class Part:
    """One element: `words` to accept (or refuse), and how many tokens may be skipped before it."""

    words: frozenset[str]
    gap: int = 0
    optional: bool = False
    refuse: bool = False
    edge: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: the anchor's words, the parts after it, and those before it in reverse."""

    kind: str
    rule: str
    source: str
    anchor: frozenset[str]
    after: tuple[Part, ...]
    before: tuple[Part, ...]
    requires: frozenset[str]


def compile_pattern(
    kind: str,
    rule: str,
    source: str,
    classes: Mapping[str, frozenset[str]],
    common: frozenset[str],
    canonical: Callable[[str], str],
) -> Pattern:
    """Compile one pattern.

    Raises:
        RuleFileError: an unknown class, a gap too wide, or no part that could be an anchor.
    """
    parts, starred = _parse(source, classes, rule, canonical)
    anchor = starred if starred is not None else _rarest(parts, common)
    if anchor is None:
        raise RuleFileError(f"{rule}: nothing to anchor in {source!r}")
    before = _reversed(parts[: anchor + 1])
    return Pattern(
        kind=kind,
        rule=rule,
        source=source,
        anchor=parts[anchor].words,
        after=tuple(parts[anchor + 1 :]),
        before=before,
        requires=_second(parts, anchor, common),
    )


def _second(parts: Sequence[Part], anchor: int, common: frozenset[str]) -> frozenset[str]:
    """The words of the rarest part beside the anchor: a text without any of them need not be tried."""
    rest = [*parts[:anchor], *parts[anchor + 1 :]]
    index = _rarest(rest, common)
    return frozenset() if index is None else rest[index].words


def _parse(
    source: str, classes: Mapping[str, frozenset[str]], rule: str, canonical: Callable[[str], str]
) -> tuple[list[Part], int | None]:
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
        words = _choice(piece.strip("?!"), classes, rule, canonical)
        if words:  # fillers ("just") vanish from texts, so from patterns too
            parts.append(Part(words, gap, optional, refuse))
            gap = 0
    return parts, starred


def _choice(
    piece: str, classes: Mapping[str, frozenset[str]], rule: str, canonical: Callable[[str], str]
) -> frozenset[str]:
    words: set[str] = set()
    for option in piece.split("|"):
        if not option.startswith("@"):
            words.add(option if option[0] == "<" else canonical(option))
        elif option[1:] in classes:
            words |= classes[option[1:]]
        else:
            raise RuleFileError(f"{rule}: no class {option}")
    if "to" in words:
        words.add("2")
    return frozenset(words - {""})


def _rarest(parts: Sequence[Part], common: frozenset[str]) -> int | None:
    candidates = [
        (len(part.words & common) * 1000 + len(part.words), index)
        for index, part in enumerate(parts)
        if not (part.optional or part.refuse or part.edge)
    ]
    return min(candidates)[1] if candidates else None


def _reversed(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts before the anchor, nearest first, each with the gap on its other side."""
    out = []
    for index in range(len(parts) - 2, -1, -1):
        part = parts[index]
        out.append(Part(part.words, parts[index + 1].gap, part.optional, part.refuse, part.edge))
    return tuple(out)
