"""Facts: which concepts occur in a text, where, and under which modifiers (negated, past, framed).

Two stages: patterns over words give facts and fragments; patterns over "<fragment>" then see those as words.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from triage.context import modifiers_of, surroundings
from triage.matching import Anchor, Line, match_at
from triage.pattern import BITS, Pattern
from triage.ruleset import Join, RuleSet

MOST = 6
ALL = (1 << BITS) - 1
Raw = dict[tuple[str, int], tuple[str, int, int]]


class Fact(NamedTuple):
    """One concept at tokens `start:end`; its modifiers lower it, never below its kind's floor."""

    kind: str
    rule: str
    start: int
    end: int
    modifiers: tuple[str, ...] = ()


def line_of(tokens: list[str], rules: RuleSet) -> Line:
    """The tokens, looked up once each, with the known phrases among them."""
    line = Line(tokens)
    entries, anchors, late = rules.entries, line.anchors, []
    mark, last = 0, len(tokens) - 1
    for at, token in enumerate(tokens):
        entry = entries.get(token)
        if entry is None:
            continue
        own, phrases, patterns, _ = entry
        mark |= own
        if patterns:
            anchors.append((at, at + 1, patterns))
        if phrases is None or at == last or tokens[at + 1] not in phrases:
            continue
        for pieces, text in phrases[tokens[at + 1]]:
            stop = at + len(pieces)
            if stop - at > 2 and tuple(tokens[at:stop]) != pieces:  # noqa: PLR2004  # two words are looked up whole
                continue
            line.add(text, at, stop)
            own, _, patterns, _ = entries[text]
            mark |= own
            if patterns:
                late.append((at, stop, patterns))
    anchors += late
    line.mark = mark
    return line


def find_facts(line: Line, rules: RuleSet) -> list[Fact]:
    """All facts in order of place; at most `MOST` of a kind, so that repetition costs nothing."""
    raw: Raw = {}
    _match(line, line.anchors, line.mark, raw)
    if not raw:
        return []
    late, mark = _fragments(line, raw, rules)
    if late:
        _match(line, late, mark, raw)
    _join(raw, line, rules)
    return _with_modifiers(_unswallowed(raw, rules), line, rules)


def _fragments(line: Line, raw: Raw, rules: RuleSet) -> tuple[list[Anchor], int]:
    """Make the facts that second-stage patterns name visible as phrases; the anchors and bits then there."""
    entries = rules.entries
    found = [
        (name, start, end) for (kind, start), (_, _, end) in raw.items() if (name := f"<{kind}>") in entries
    ]
    if not found:
        return [], 0
    mark = line.mark
    for name, start, end in found:
        line.add(name, start, end)
        mark |= entries[name].mark
    anchors = [(at, at + 1, entries[token].late) for at, token in enumerate(line.tokens) if token in entries]
    for at, phrases in line.starts.items():
        anchors += [(at, stop, entries[phrase].late) for phrase, stop in phrases]
    return [anchor for anchor in anchors if anchor[2]], mark


def _match(line: Line, anchors: Sequence[Anchor], mark: int, raw: Raw) -> None:
    counts: dict[str, int] = {}
    absent = ALL ^ mark
    for start, end, patterns in anchors:
        for need, pattern in patterns:
            if need & absent or counts.get(pattern.kind, 0) >= MOST:
                continue
            span = match_at(pattern, line, start, end)
            if span is None:
                continue
            key = (pattern.kind, span[0])
            if key not in raw or raw[key][2] < span[1]:
                raw[key] = (pattern.rule, span[0], max(span[1], span[0] + 1))
                counts[pattern.kind] = counts.get(pattern.kind, 0) + 1


def _join(raw: Raw, line: Line, rules: RuleSet) -> None:
    """Add the kinds whose parts were all found close together, in whatever order."""
    places: dict[str, list[tuple[int, int]]] = {}
    for (kind, start), (_, _, end) in list(raw.items()):
        if kind[0] == "&":
            places.setdefault(kind, []).append((start, end))
            del raw[kind, start]
    for part, spots in places.items():
        for join in rules.joins.get(part, ()):
            span = _joined(join, spots, line)
            if span is not None:
                raw.setdefault((join.kind, span[0]), (join.rule, span[0], span[1]))


def _joined(join: Join, spots: list[tuple[int, int]], line: Line) -> tuple[int, int] | None:
    """The span over one place of every part, all near the first part and none on another's words."""
    if join.need & ~line.mark:
        return None
    for first in spots:
        taken = [first]
        for other in join.others:
            near = next(
                (spot for spot in _places_near(other, first, join.span, line) if _fits(spot, taken)), None
            )
            if near is None:
                break
            taken.append(near)
        else:
            return min(start for start, _ in taken), max(end for _, end in taken)
    return None


def _places_near(
    pattern: Pattern, around: tuple[int, int], span: int, line: Line
) -> Iterator[tuple[int, int]]:
    """Where a pattern matches with its anchor within `span` tokens of a place."""
    low, high = max(around[0] - span, 0), min(around[1] + span, len(line.tokens))
    simple = not pattern.after and not pattern.before
    for at in range(low, high):
        ends = [at + 1] if line.tokens[at] in pattern.anchor else []
        ends += [stop for phrase, stop in line.starts.get(at, ()) if phrase in pattern.anchor]
        for end in ends:
            found = (at, end) if simple else match_at(pattern, line, at, end)
            if found is not None:
                yield found


def _fits(spot: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return all(spot[1] <= other[0] or other[1] <= spot[0] for other in taken)


def _unswallowed(raw: Raw, rules: RuleSet) -> Raw:
    """Without facts inside one that says more exactly what they are ("told to" kill yourself)."""
    swallowers = rules.swallows.keys() & {kind for kind, _ in raw}
    if not swallowers:
        return raw
    eaters = [
        (rules.swallows[kind], start, end) for (kind, start), (_, _, end) in raw.items() if kind in swallowers
    ]
    return {
        (kind, start): found
        for (kind, start), found in raw.items()
        if not any(kind in eats and begin <= start and found[2] <= end for eats, begin, end in eaters)
    }


def _with_modifiers(raw: Raw, line: Line, rules: RuleSet) -> list[Fact]:
    places: dict[str, list[tuple[int, int]]] = {}
    for (kind, _), (_, start, end) in raw.items():
        places.setdefault(kind, []).append((start, end))
    around = surroundings(line, places, rules)
    kinds, facts = rules.kinds, []
    for (kind, _), (rule, start, end) in raw.items():
        modifiers = modifiers_of(kinds[kind], (start, end), around, rules) if kind in kinds else ()
        facts.append(Fact(kind, rule, start, end, modifiers))
    facts.sort(key=itemgetter(2, 3))
    return facts
