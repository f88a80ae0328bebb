"""Matching a compiled pattern outwards from its anchor, over the tokens and phrases of one text.

Gaps are bounded and never cross the end of a sentence, so one attempt costs a bounded number of steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.pattern import Part, Pattern
from triage.words import PAUSE, SENTENCE

EDGE = ""

_NO_WORDS = frozenset({SENTENCE, PAUSE})
# What a gap never skips: the end of a sentence or message, and a negation, which would turn the meaning.
_STOPS = frozenset({SENTENCE, EDGE, "not", "never", "nunca", "jamas"})


@dataclass(slots=True)
class Line:
    """The tokens of one text and the phrases found in it, by start and by end."""

    tokens: list[str]
    present: set[str] = field(default_factory=set)
    starts: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    ends: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    padded: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.padded = [EDGE, *self.tokens, EDGE]


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
    if part.edge or part.refuse:
        return _walk(parts, index + 1, line, at, step) if _allowed(part, line, at, step) else None
    padded, phrases = line.padded, line.starts if step > 0 else line.ends
    shift = step > 0
    where = at
    for _ in range(part.gap + 1):
        token = padded[where + shift]
        while token == PAUSE:
            where += step
            token = padded[where + shift]
        ends = [where + step] if token in part.words else []
        if where in phrases:
            ends += [reached for phrase, reached in phrases[where] if phrase in part.words]
        found = _first(parts, index + 1, line, ends, step) if ends else None
        if found is not None:
            return found
        if token in _STOPS:
            break
        where += step
    return _walk(parts, index + 1, line, at, step) if part.optional else None


def _first(parts: tuple[Part, ...], index: int, line: Line, ends: Sequence[int], step: int) -> int | None:
    for reached in ends:
        found = _walk(parts, index, line, reached, step)
        if found is not None:
            return found
    return None


def _allowed(part: Part, line: Line, where: int, step: int) -> bool:
    """Whether an end of the message is here, or no refused word follows."""
    if part.edge:
        return _NO_WORDS.issuperset(line.tokens[where:] if step > 0 else line.tokens[:where])
    shift = step > 0
    while line.padded[where + shift] == PAUSE:
        where += step
    phrases = line.starts if step > 0 else line.ends
    refused = any(phrase in part.words for phrase, _ in phrases.get(where, ()))
    return not refused and line.padded[where + shift] not in part.words
