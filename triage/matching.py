"""Matching a compiled pattern outwards from its anchor, over the tokens and phrases of one text.

Gaps are bounded and never cross the end of a sentence, so one attempt costs a bounded number of steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.pattern import Needed, Part, Pattern
from triage.words import BOUNDARIES, PAUSE, SENTENCE

EDGE = ""

# What a gap never skips: the end of a sentence or message, and a negation, which would turn the meaning.
_STOPS = frozenset({SENTENCE, EDGE, "not", "never", "nunca", "jamas"})


# Some tokens and the patterns that may begin there.
Anchor = tuple[int, int, tuple[Needed, ...]]


@dataclass(slots=True)
class Line:
    """The tokens of one text and the phrases found in it, by start and by end.

    `mark` has the bits of the sets of words (`pattern.Choices`) that are there, `anchors` the phrases at
    which patterns begin; `first` and `last` are the places of the first and last word; `ahead[i]` is the
    token after place i, `behind[i]` the one before it.
    """

    tokens: list[str]
    mark: int = 0
    anchors: list[Anchor] = field(default_factory=list)
    starts: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    ends: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    present: frozenset[str] = field(init=False)
    ahead: list[str] = field(init=False)
    behind: list[str] = field(init=False)
    first: int = field(init=False)
    last: int = field(init=False)

    def __post_init__(self) -> None:
        tokens = self.tokens
        self.present = frozenset(tokens)
        self.ahead, self.behind = [*tokens, EDGE], [EDGE, *tokens]
        self.first, self.last = 0, len(tokens) - 1
        while self.first <= self.last and tokens[self.first] in BOUNDARIES:
            self.first += 1
        while self.last >= 0 and tokens[self.last] in BOUNDARIES:
            self.last -= 1

    def add(self, phrase: str, start: int, end: int) -> None:
        """A phrase or fragment over the tokens `start:end`."""
        starts, ends = self.starts, self.ends
        if start in starts:
            starts[start].append((phrase, end))
        else:
            starts[start] = [(phrase, end)]
        if end in ends:
            ends[end].append((phrase, start))
        else:
            ends[end] = [(phrase, start)]


def match_at(pattern: Pattern, line: Line, start: int, end: int) -> tuple[int, int] | None:
    """The span of a match whose anchor is the tokens `start:end`, or None."""
    if pattern.after:
        last = _walk(pattern.after, 0, line, end, 1, None)
        if last is None:
            return None
    else:
        last = end
    if not pattern.before:
        return start, last
    first = _walk(pattern.before, 0, line, start, -1, None)
    return None if first is None else (first, last)


def _walk(
    parts: tuple[Part, ...], index: int, line: Line, at: int, step: int, failed: set[tuple[int, int]] | None
) -> int | None:
    """Where the parts from `index` on end when they begin at `at`; `step` is 1 forwards, -1 backwards.

    `failed` holds what was tried in vain, so that gaps add up and never multiply.
    """
    ahead, phrases = (line.ahead, line.starts) if step > 0 else (line.behind, line.ends)
    count = len(parts)
    while index < count:
        part = parts[index]
        words, gap, optional, refuse, edge, several = part
        if refuse or edge:
            if not _allowed(part, line, at, step):
                return None
        elif gap or optional:
            return _branch(parts, index, line, at, step, set() if failed is None else failed)
        else:
            while ahead[at] == PAUSE:
                at += step
            if several and at in phrases:
                return _branch(parts, index, line, at, step, set() if failed is None else failed)
            if ahead[at] not in words:
                return None
            at += step
        index += 1
    return at


def _branch(
    parts: tuple[Part, ...], index: int, line: Line, at: int, step: int, failed: set[tuple[int, int]]
) -> int | None:
    """The same where the next part can end in more than one place: the nearest that leads on is taken."""
    if failed and (index, at) in failed:
        return None
    words, gap, optional, _, _, several = parts[index]
    ahead, phrases = (line.ahead, line.starts) if step > 0 else (line.behind, line.ends)
    last, where = index + 1 == len(parts), at
    for _ in range(gap + 1):
        while (token := ahead[where]) == PAUSE:
            where += step
        places: Sequence[int] = (where + step,) if token in words else ()
        if several and where in phrases:
            places = [*places, *[far for phrase, far in phrases[where] if phrase in words]]
        for place in places:
            found = place if last else _walk(parts, index + 1, line, place, step, failed)
            if found is not None:
                return found
        if token in _STOPS:
            break
        where += step
    failed.add((index, at))
    return _walk(parts, index + 1, line, at, step, failed) if optional else None


def _allowed(part: Part, line: Line, where: int, step: int) -> bool:
    """Whether an end of the message is here, or no refused word follows."""
    if part.edge:
        return _at_edge(part.gap, line, where, step)
    ahead, phrases = (line.ahead, line.starts) if step > 0 else (line.behind, line.ends)
    while ahead[where] == PAUSE:
        where += step
    if ahead[where] in part.words:
        return False
    return not (part.several and where in phrases) or not any(
        phrase in part.words for phrase, _ in phrases[where]
    )


def _at_edge(gap: int, line: Line, where: int, step: int) -> bool:
    """Whether the end of the message is within `gap` words, in the same sentence."""
    start, stop = (where, line.last + 1) if step > 0 else (line.first, where)
    if stop - start > 2 * gap:  # a pause stands between two words at most
        return False
    between = line.tokens[max(start, 0) : max(stop, 0)]
    return sum(token != PAUSE for token in between) <= gap and SENTENCE not in between
