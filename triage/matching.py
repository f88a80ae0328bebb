"""Matching a compiled pattern outwards from its anchor, over the tokens and phrases of one text.

Gaps are bounded and never cross the end of a sentence, so one attempt costs a bounded number of steps.
"""

from collections.abc import Sequence

from triage.pattern import Needed, Part, Pattern
from triage.ruleset import Phrase
from triage.words import BOUNDARIES, PAUSE, SENTENCE

EDGE = ""
MOST_PAUSES = 8

# What a gap never skips: the end of a sentence or message, and a negation, which would turn the meaning.
_STOPS = frozenset({SENTENCE, EDGE, "not", "never", "nunca", "jamas"})


# Some tokens and the patterns that may begin there.
Anchor = tuple[int, int, tuple[Needed, ...]]


class Line:
    """The tokens of one text, and the phrases and fragments that begin (or end) at a place in it.

    `mark` has the bits of the sets of words (`pattern.Choices`) that are there, `anchors` the phrases at
    which patterns begin; `ahead[i]` is the token after place i, `behind[i]` the one before it.
    """

    __slots__ = (
        "_edges",
        "ahead",
        "anchors",
        "behind",
        "ends",
        "mark",
        "present",
        "slack",
        "starts",
        "tokens",
    )

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.slack = tokens.count(PAUSE)
        self.mark = 0
        self.anchors: list[Anchor] = []
        self.starts: dict[int, tuple[Phrase, ...]] = {}
        self.ends: dict[int, tuple[Phrase, ...]] = {}
        self.present = frozenset(tokens)
        self.ahead, self.behind = [*tokens, EDGE], [EDGE, *tokens]
        self._edges: tuple[int, int] | None = None

    def edges(self) -> tuple[int, int]:
        """The places of the first and of the last word."""
        if self._edges is None:
            tokens, first, last = self.tokens, 0, len(self.tokens) - 1
            while first <= last and tokens[first] in BOUNDARIES:
                first += 1
            while last >= first and tokens[last] in BOUNDARIES:
                last -= 1
            self._edges = first, last
        return self._edges

    def lacks(self, words: frozenset[str], start: int, end: int, reach: int) -> bool:
        """Whether none of the words is within so many tokens after `end` (before `start`, when negative).

        All pauses of a text may lie between; where they are many it is not worth looking.
        """
        slack = self.slack
        if slack > MOST_PAUSES:
            return False
        if reach > 0:
            return words.isdisjoint(self.tokens[end : end + reach + slack])
        return words.isdisjoint(self.tokens[max(start + reach - slack, 0) : start])

    def add(self, name: str, start: int, end: int) -> None:
        """A fragment over the tokens `start:end`."""
        here = (Phrase(name, end - start),)
        self.starts[start] = self.starts.get(start, ()) + here
        self.ends[end] = self.ends.get(end, ()) + here


def match_at(pattern: Pattern, line: Line, start: int, end: int) -> tuple[int, int] | None:
    """The span of a match whose anchor is the tokens `start:end`, or None."""
    if pattern.after:
        last = _walk(pattern.after, 0, line, end, 1, None)
        if last is None:
            return None
        end = last
    if pattern.before:
        first = _walk(pattern.before, 0, line, start, -1, None)
        if first is None:
            return None
        start = first
    return start, end


def _walk(
    parts: tuple[Part, ...], index: int, line: Line, at: int, step: int, failed: set[tuple[int, int]] | None
) -> int | None:
    """Where the parts from `index` on end when they begin at `at`; `step` is 1 forwards, -1 backwards.

    `failed` holds what was tried in vain, so that gaps add up and never multiply.
    """
    ahead, count = line.ahead if step > 0 else line.behind, len(parts)
    while index < count:
        words, gap, optional, refuse, edge, several = parts[index]
        if refuse or edge:
            if not _allowed(parts[index], line, at, step):
                return None
        elif gap or optional or (several and at in (line.starts if step > 0 else line.ends)):
            if not optional and index + 1 == count:
                return _nearest(parts[index], line, at, step)
            return _branch(parts, index, line, at, step, set() if failed is None else failed)
        else:
            while ahead[at] == PAUSE:
                at += step
            if ahead[at] not in words:
                return None
            at += step
        index += 1
    return at


def _nearest(part: Part, line: Line, at: int, step: int) -> int | None:
    """Where a last part ends that may be some tokens away or a phrase, or None."""
    words, gap, _, _, _, several = part
    ahead = line.ahead if step > 0 else line.behind
    for _ in range(gap + 1):
        while (token := ahead[at]) == PAUSE:
            at += step
        if token in words:
            return at + step
        if several and (places := _over_phrases(words, line, at, step)):
            return places[0]
        if token in _STOPS:
            return None
        at += step
    return None


def _branch(
    parts: tuple[Part, ...], index: int, line: Line, at: int, step: int, failed: set[tuple[int, int]]
) -> int | None:
    """The same where the next part can end in more than one place: the nearest that leads on is taken."""
    words, gap, optional, _, _, several = parts[index]
    ahead, phrases = (line.ahead, line.starts) if step > 0 else (line.behind, line.ends)
    last, where = index + 1 == len(parts), at
    if failed and (index, at) in failed:
        return None
    for _ in range(gap + 1):
        while (token := ahead[where]) == PAUSE:
            where += step
        places: Sequence[int] = (where + step,) if token in words else ()
        if several and where in phrases:
            places = [*places, *_over_phrases(words, line, where, step)]
        for place in places:
            found = place if last else _walk(parts, index + 1, line, place, step, failed)
            if found is not None:
                return found
        if token in _STOPS:
            break
        where += step
    failed.add((index, at))
    return _walk(parts, index + 1, line, at, step, failed) if optional else None


def _over_phrases(words: frozenset[str], line: Line, where: int, step: int) -> Sequence[int]:
    """Where those of these phrases lead that begin (backwards: end) here."""
    phrases = line.starts if step > 0 else line.ends
    return [where + step * one.length for one in phrases.get(where, ()) if one.text in words]


def _allowed(part: Part, line: Line, where: int, step: int) -> bool:
    """Whether an end of the message is here, or no refused word follows."""
    if part.edge:
        return _at_edge(part.gap, line, where, step)
    ahead = line.ahead if step > 0 else line.behind
    while ahead[where] == PAUSE:
        where += step
    if ahead[where] in part.words:
        return False
    return not (part.several and _over_phrases(part.words, line, where, step))


def _at_edge(gap: int, line: Line, where: int, step: int) -> bool:
    """Whether the end of the message is within `gap` words, in the same sentence."""
    first, last = line.edges()
    start, stop = (where, last + 1) if step > 0 else (first, where)
    if stop - start > 2 * gap:  # a pause stands between two words at most
        return False
    between = line.tokens[max(start, 0) : max(stop, 0)]
    return sum(token != PAUSE for token in between) <= gap and SENTENCE not in between
