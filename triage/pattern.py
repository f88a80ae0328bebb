"""Patterns over tokens: words, classes, choices, optional parts and bounded gaps, matched outwards from an anchor.

Grammar, parts split by spaces: `word`, `@class`, `a|@b` choice, `part?` optional, `~3` up to three tokens between,
`!a|b` the next token is none of these, `^` and `$` start and end of the message, `*part` the anchor if not the rarest.
A gap never crosses the end of a sentence; a pause (",") never hinders.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from triage.errors import RuleFileError

Edges = Mapping[int, Sequence[tuple[str, int]]]
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


@dataclass(slots=True)
class Line:
    """The tokens of one text and the phrases found in it, by start and by end."""

    tokens: list[str]
    starts: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    ends: dict[int, list[tuple[str, int]]] = field(default_factory=dict)


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
    return Pattern(kind, rule, source, parts[anchor].words, tuple(parts[anchor + 1 :]), before)


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
    """The parts before the anchor (the last one given), nearest first, each with the gap on its other side."""
    out = []
    for index in range(len(parts) - 2, -1, -1):
        part = parts[index]
        out.append(Part(part.words, parts[index + 1].gap, part.optional, part.refuse, part.edge))
    return tuple(out)


def match_at(pattern: Pattern, line: Line, start: int, end: int) -> tuple[int, int] | None:
    """The span of a match whose anchor is the tokens `start:end`, or None."""
    last = _walk(pattern.after, 0, line, end) if pattern.after else end
    if last is None:
        return None
    first = _walk_back(pattern.before, 0, line, start) if pattern.before else start
    return None if first is None else (first, last)


def _walk(parts: tuple[Part, ...], index: int, line: Line, at: int) -> int | None:
    if index == len(parts):
        return at
    part = parts[index]
    tokens = line.tokens
    size = len(tokens)
    skipped = 0
    where = at
    while True:
        while where < size and tokens[where] == ",":
            where += 1
        if part.edge:
            if where >= size or (tokens[where] == "." and all(token in ".," for token in tokens[where:])):
                return _walk(parts, index + 1, line, where)
        elif part.refuse:
            if where < size and (tokens[where] in part.words or _any(line.starts.get(where, ()), part.words)):
                return None
            return _walk(parts, index + 1, line, at)
        else:
            if where < size and tokens[where] in part.words:
                found = _walk(parts, index + 1, line, where + 1)
                if found is not None:
                    return found
            for phrase, stop in line.starts.get(where, ()):
                if phrase in part.words:
                    found = _walk(parts, index + 1, line, stop)
                    if found is not None:
                        return found
        if skipped >= part.gap or where >= size or tokens[where] == ".":
            break
        skipped += 1
        where += 1
    return _walk(parts, index + 1, line, at) if part.optional else None


def _walk_back(parts: tuple[Part, ...], index: int, line: Line, at: int) -> int | None:
    if index == len(parts):
        return at
    part = parts[index]
    tokens = line.tokens
    skipped = 0
    where = at
    while True:
        while where > 0 and tokens[where - 1] == ",":
            where -= 1
        if part.edge:
            if where == 0:
                return _walk_back(parts, index + 1, line, where)
        elif part.refuse:
            if where > 0 and (tokens[where - 1] in part.words or _any(line.ends.get(where, ()), part.words)):
                return None
            return _walk_back(parts, index + 1, line, at)
        else:
            if where > 0 and tokens[where - 1] in part.words:
                found = _walk_back(parts, index + 1, line, where - 1)
                if found is not None:
                    return found
            for phrase, begin in line.ends.get(where, ()):
                if phrase in part.words:
                    found = _walk_back(parts, index + 1, line, begin)
                    if found is not None:
                        return found
        if skipped >= part.gap or where == 0 or tokens[where - 1] == ".":
            break
        skipped += 1
        where -= 1
    return _walk_back(parts, index + 1, line, at) if part.optional else None


def _any(phrases: Sequence[tuple[str, int]], words: frozenset[str]) -> bool:
    return any(phrase in words for phrase, _ in phrases)
