"""Sayings: whether an everyday saying explains a danger that shares words with it.

What stands in the gap of a saying is not part of it and may be anything: "he pulled a knife in the lobby"
is no game because somebody waits in the lobby.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from triage.matching import Line, match_at
from triage.pattern import Part, Pattern
from triage.ruleset import RuleSet

# The rule that found something, and where.
Place = tuple[str, int, int]


def explains(saying: Place, danger: Place, line: Line, rules: RuleSet) -> bool:
    """Whether the saying's own words hold a word of the danger, and all that the danger has within it.

    Words that every story has ("a", "me", "school") count only where the danger has no others.
    """
    (_, start, end), (_, first, last) = saying, danger
    if last <= start or end <= first:
        return False
    said, told = _words_of(saying, line, rules), _words_of(danger, line, rules)
    empty = rules.classes.get("empty", frozenset())
    telling = {at for at in told if line.tokens[at] not in empty} or told
    within = {at for at in telling if start <= at < end}
    return bool(within) and within <= said


def _words_of(place: Place, line: Line, rules: RuleSet) -> set[int]:
    """The tokens that a rule's own parts matched, without those in its gaps."""
    rule, start, end = place
    own: set[int] = set()
    for first, last, pattern in _patterns_within(start, end, line, rules):
        if pattern.rule == rule and _spans(pattern, line, first, last) == (start, end):
            return _own_words(pattern, line, first, last)
        for join in rules.joins.get(pattern.kind, ()):
            if join.rule == rule:
                for part in (pattern, *join.others):
                    own |= _words_within(part, line, start, end)
    return own


def _words_within(part: Pattern, line: Line, start: int, end: int) -> set[int]:
    """The own words of a part of a join, wherever it is found there."""
    own: set[int] = set()
    for at in range(start, end):
        for name, length in _names_at(line, at):
            if name in part.anchor and _spans(part, line, at, at + length):
                own |= _own_words(part, line, at, at + length)
    return own


def _patterns_within(start: int, end: int, line: Line, rules: RuleSet) -> Iterator[tuple[int, int, Pattern]]:
    """The patterns that begin at a word or phrase there, each with its anchor's place."""
    late = rules.lexicon.late
    for first, last, patterns in line.anchors:
        if start <= first < end:
            yield from ((first, last, needed[-1]) for needed in patterns)
    for at in range(start, end):
        for name, length in _names_at(line, at):
            yield from ((at, at + length, needed[-1]) for needed in late.get(name, ()))


def _names_at(line: Line, at: int) -> Iterable[tuple[str, int]]:
    """The word and the phrases that begin at a token, with their lengths."""
    return (line.tokens[at], 1), *[(one.text, one.length) for one in line.starts.get(at, ())]


def _spans(pattern: Pattern, line: Line, start: int, end: int) -> tuple[int, int] | None:
    """Where the whole pattern matches, as facts tell it."""
    found = match_at(pattern, line, start, end)
    return found and (found[0], max(found[1], found[0] + 1))


def _own_words(pattern: Pattern, line: Line, start: int, end: int) -> set[int]:
    """The words of the anchor and of every part beside it, found by leaving out the parts behind it."""
    own = set(range(start, end))
    for count, part in enumerate(pattern.after, 1):
        found = match_at(replace(pattern, after=pattern.after[:count], before=()), line, start, end)
        if found:
            own.update(_ending(part, line, found[1]))
    for count, part in enumerate(pattern.before, 1):
        found = match_at(replace(pattern, after=(), before=pattern.before[:count]), line, start, end)
        if found:
            own.update(_beginning(part, line, found[0]))
    return own


def _ending(part: Part, line: Line, end: int) -> Iterable[int]:
    """The tokens of a part that ends here."""
    lengths = [one.length for one in line.ends.get(end, ()) if one.text in part.words]
    return range(end - max(lengths, default=line.behind[end] in part.words), end)


def _beginning(part: Part, line: Line, start: int) -> Iterable[int]:
    """The tokens of a part that begins here."""
    lengths = [one.length for one in line.starts.get(start, ()) if one.text in part.words]
    return range(start, start + max(lengths, default=line.ahead[start] in part.words))
