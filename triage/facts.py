"""Facts: which concepts occur in a text, where, and under which modifiers (negated, past, framed).

Two stages: patterns over words give facts and fragments; patterns over "<fragment>" then see those as words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triage.context import modifiers_of, surroundings
from triage.matching import Line, match_at
from triage.pattern import Pattern
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


def line_of(tokens: list[str], rules: RuleSet) -> Line:
    """The tokens with the known phrases among them."""
    line = Line(tokens, set(tokens))
    _phrases(line, line.present, rules)
    return line


def find_facts(line: Line, rules: RuleSet) -> list[Fact]:
    """All facts in order of place; at most `MOST` of a kind, so that repetition costs nothing."""
    present = line.present
    raw: Raw = {}
    _match(line, present, rules.index, raw)
    if raw:
        fragments = _fragments(line, raw, rules)
        if fragments:
            _match(line, present | fragments, rules.second, raw)
    if not raw:
        return []
    _join(raw, line, rules)
    return _with_modifiers(_unswallowed(raw, rules), line, rules)


def _phrases(line: Line, present: set[str], rules: RuleSet) -> None:
    """Fill in the known phrases that begin at each token, and add them to what is present."""
    candidates = rules.heads.keys() & present
    if not candidates:
        return
    tokens = line.tokens
    last = len(tokens) - 1
    for at, token in enumerate(tokens):
        if token not in candidates or at == last:
            continue
        for phrase, text in rules.heads[token].get(tokens[at + 1], ()):
            stop = at + len(phrase)
            if stop - at > 2 and tuple(tokens[at:stop]) != phrase:  # noqa: PLR2004  # two words are looked up whole
                continue
            line.starts.setdefault(at, []).append((text, stop))
            line.ends.setdefault(stop, []).append((text, at))
            present.add(text)


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
            if pattern.requires and pattern.requires.isdisjoint(present):
                continue
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
    if any(other.anchor.isdisjoint(line.present) for other in join.others):
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
