"""Matching a compiled pattern outwards from its anchor, over the tokens and phrases of one text.

Gaps are bounded and never cross the end of a sentence, so one attempt costs a bounded number of steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.pattern import Part, Pattern
from triage.words import PAUSE, SENTENCE

_NO_WORDS = frozenset({SENTENCE, PAUSE})


@dataclass(slots=True)
class Line:
    """The tokens of one text and the phrases found in it, by start and by end."""

    tokens: list[str]
    present: set[str] = field(default_factory=set)
    starts: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    ends: dict[int, list[tuple[str, int]]] = field(default_factory=dict)


def match_at(pattern: Pattern, line: Line, start: int, end: int) -> tuple[int, int] | None:
    """The span of a match whose anchor is the tokens `start:end`, or None."""
    last = _walk(pattern.after, 0, line, end, 1) if pattern.after else end
    if last is None:
        return None
    first = _walk(pattern.before, 0, line, start, -1) if pattern.before else start
    return None if first is None else (first, last)


def _walk(parts: tuple[Part, ...], index: int, line: Line, at: int, step: int) -> int | None:
    """Where the parts from `index` on end when they begin at `at`; `step` is 1 forwards, -1 backwards."""
    if index == len(parts):
        return at
    part = parts[index]
    if part.refuse:
        return (
            None
            if _takes(part, line, _past_pauses(line, at, step), step)
            else _walk(parts, index + 1, line, at, step)
        )
    where = at
    for _ in range(part.gap + 1):
        where = _past_pauses(line, where, step)
        for reached in _takes(part, line, where, step):
            found = _walk(parts, index + 1, line, reached, step)
            if found is not None:
                return found
        if _next(line, where, step) in {None, SENTENCE}:
            break
        where += step
    return _walk(parts, index + 1, line, at, step) if part.optional else None


def _next(line: Line, where: int, step: int) -> str | None:
    """The token that follows `where` in this direction; None at either end of the message."""
    place = where if step > 0 else where - 1
    return line.tokens[place] if 0 <= place < len(line.tokens) else None


def _past_pauses(line: Line, where: int, step: int) -> int:
    while _next(line, where, step) == PAUSE:
        where += step
    return where


def _takes(part: Part, line: Line, where: int, step: int) -> Sequence[int]:
    """Where the part may end when it begins at `where`."""
    if part.edge:
        rest = line.tokens[where:] if step > 0 else line.tokens[:where]
        return (where,) if _NO_WORDS.issuperset(rest) else ()
    words = part.words
    ends = [where + step] if _next(line, where, step) in words else []
    phrases = line.starts if step > 0 else line.ends
    if where in phrases:
        ends += [reached for phrase, reached in phrases[where] if phrase in words]
    return ends
