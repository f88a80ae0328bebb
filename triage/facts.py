"""Facts: which concepts occur in the tokens of a text, where, and under which modifiers (negated, past, framed).

Two stages: patterns over words give facts and fragments; patterns over "<fragment>" then see those as words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.context import modifiers_of, surroundings
from triage.pattern import Line, Pattern, match_at
from triage.ruleset import Join, RuleSet

MOST = 6
Index = Mapping[str, tuple[Pattern, ...]]
Raw = dict[tuple[str, int], tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One concept at tokens `start:end`; its modifiers lower it, never below its kind's floor."""

    kind: str
    rule: str
    start: int
    end: int
    modifiers: tuple[str, ...] = ()


def find_facts(tokens: list[str], rules: RuleSet) -> list[Fact]:
    """All facts in order of place; at most `MOST` of a kind, so that repetition costs nothing."""
    line = Line(tokens)
    present = set(tokens)
    _phrases(line, present, rules)
    raw: Raw = {}
    _match(line, present, rules.index, raw)
    if raw:
        fragments = _fragments(line, raw, rules)
        if fragments:
            _match(line, present | fragments, rules.second, raw)
    if not raw:
        return []
    _join(raw, rules)
    return _with_modifiers(_unswallowed(raw, rules), line, rules)


def _phrases(line: Line, present: set[str], rules: RuleSet) -> None:
    """Fill in the known phrases that begin at each token."""
    candidates = rules.heads.keys() & present
    if not candidates:
        return
    tokens = line.tokens
    for at, token in enumerate(tokens):
        if token not in candidates:
            continue
        for phrase in rules.heads[token]:
            stop = at + len(phrase)
            if tuple(tokens[at:stop]) == phrase:
                text = " ".join(phrase)
                line.starts.setdefault(at, []).append((text, stop))
                line.ends.setdefault(stop, []).append((text, at))


def _fragments(line: Line, raw: Raw, rules: RuleSet) -> set[str]:
    """Make the facts that second-stage patterns name visible as phrases; their names."""
    names = set()
    for (kind, start), (_, _, end) in raw.items():
        name = f"<{kind}>"
        if name in rules.fragments:
            line.starts.setdefault(start, []).append((name, end))
            line.ends.setdefault(end, []).append((name, start))
            names.add(name)
    return names


def _match(line: Line, present: set[str], index: Index, raw: Raw) -> None:
    counts: dict[str, int] = {}
    for start, end, word in _anchors(line, present, index):
        for pattern in index[word]:
            if counts.get(pattern.kind, 0) >= MOST:
                continue
            span = match_at(pattern, line, start, end)
            if span is None:
                continue
            key = (pattern.kind, span[0])
            if key not in raw or raw[key][2] < span[1]:
                raw[key] = (pattern.rule, span[0], max(span[1], span[0] + 1))
                counts[pattern.kind] = counts.get(pattern.kind, 0) + 1


def _anchors(line: Line, present: set[str], index: Index) -> list[tuple[int, int, str]]:
    words = index.keys() & present
    out = [(at, at + 1, token) for at, token in enumerate(line.tokens) if token in words] if words else []
    for at, phrases in line.starts.items():
        out.extend((at, stop, phrase) for phrase, stop in phrases if phrase in index)
    return out


def _join(raw: Raw, rules: RuleSet) -> None:
    """Add the kinds whose parts were all found close together, in whatever order."""
    places: dict[str, list[tuple[int, int]]] = {}
    for (kind, start), (_, _, end) in raw.items():
        if kind[0] == "&":
            places.setdefault(kind, []).append((start, end))
    for part in rules.joins.keys() & places.keys():
        for join in rules.joins[part]:
            span = _joined(join, places)
            if span is not None:
                raw.setdefault((join.kind, span[0]), (join.rule, span[0], span[1]))


def _joined(join: Join, places: Mapping[str, list[tuple[int, int]]]) -> tuple[int, int] | None:
    """The span over one place of every part, all near the first part and none on another's words."""
    others = [places.get(part) for part in join.parts[1:]]
    if not all(others):
        return None
    for first in places[join.parts[0]]:
        taken = [first]
        for spots in others:
            near = next((spot for spot in spots or () if _fits(spot, taken, join.span)), None)
            if near is None:
                break
            taken.append(near)
        else:
            return min(start for start, _ in taken), max(end for _, end in taken)
    return None


def _fits(spot: tuple[int, int], taken: list[tuple[int, int]], span: int) -> bool:
    start, end = taken[0]
    if spot[0] - end > span or start - spot[1] > span:
        return False
    return all(spot[1] <= other[0] or other[1] <= spot[0] for other in taken)


def _unswallowed(raw: Raw, rules: RuleSet) -> Raw:
    """Without the facts that lie inside one that says more exactly what they are ("told to" kill yourself)."""
    eaters = [
        (rules.kinds[kind].swallows, start, end)
        for (kind, start), (_, _, end) in raw.items()
        if kind[0] != "&" and kind in rules.kinds and rules.kinds[kind].swallows
    ]
    if not eaters:
        return raw
    return {
        (kind, start): found
        for (kind, start), found in raw.items()
        if not any(kind in eats and begin <= start and found[2] <= end for eats, begin, end in eaters)
    }


def _with_modifiers(raw: Raw, line: Line, rules: RuleSet) -> list[Fact]:
    places: dict[str, list[tuple[int, int]]] = {}
    for (kind, _), (_, start, end) in raw.items():
        places.setdefault(kind, []).append((start, end))
    around = surroundings(line.tokens, places, rules)
    facts = []
    for (kind, _), (rule, start, end) in raw.items():
        known = rules.kinds.get(kind)
        modifiers = modifiers_of(known, (start, end), around, rules) if known else ()
        facts.append(Fact(kind, rule, start, end, modifiers))
    facts.sort(key=lambda fact: (fact.start, fact.end))
    return facts
