"""Facts: which concepts occur in a text, where, and under which modifiers (negated, past, framed).

Two stages: patterns over words give facts and fragments; patterns over "<fragment>" then see those as words.
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from triage.context import modifiers_of, surroundings
from triage.matching import Anchor, Line, match_at
from triage.pattern import ALWAYS, BITS, Pattern
from triage.ruleset import Join, Phrase, Phrases, RuleSet
from triage.sayings import Place, explains

MOST = 6
ALL = (ALWAYS << 1) - 1
SIZE = BITS // 8 + 1
Raw = dict[tuple[str, int], tuple[str, int, int]]


class Fact(NamedTuple):
    """One concept at tokens `start:end`; its modifiers lower it, never below its kind's floor."""

    kind: str
    rule: str
    start: int
    end: int
    modifiers: tuple[str, ...] = ()


def line_of(tokens: list[str], rules: RuleSet) -> Line:
    """The tokens with the known phrases among them."""
    line, mark = Line(tokens), ALWAYS
    ahead, anchors, phrased = line.ahead, line.anchors, []
    for at, entry in enumerate(map(rules.lexicon.words.get, tokens)):
        if entry is None:
            continue
        mark |= entry.mark
        if entry.first:
            anchors.append((at, at + 1, entry.first))
        if (phrases := entry.phrases.get(ahead[at + 1])) is not None:
            phrased.append((at, phrases))
    for at, phrases in phrased:
        for phrase in _beginning(at, phrases, line):
            mark |= phrase.mark
            if phrase.first:
                anchors.append((at, at + phrase.length, phrase.first))
    line.mark = mark
    return line


def _beginning(at: int, phrases: Phrases, line: Line) -> tuple[Phrase, ...]:
    """The phrases of a line that begin here, of those that begin with its next two words."""
    here, third = phrases.short, line.ahead[at + 2]
    if third in phrases.longer:
        tokens, longer = line.tokens, phrases.longer[third]
        here = tuple([one for one in longer if one.rest == (*tokens[at + 2 : at + one.length],)])
    if here:
        line.starts[at] = here
    for phrase in here:
        end = at + phrase.length
        line.ends[end] = (*line.ends.get(end, ()), phrase)
    return here


def find_facts(line: Line, rules: RuleSet) -> list[Fact]:
    """All facts in order of place; at most `MOST` of a kind, so that repetition costs nothing."""
    raw: Raw = {}
    _match(line, line.anchors, raw, rules.doubtful)
    if not raw:
        return []
    _match_late(line, raw, rules)
    _join(raw, line, rules)
    return _with_modifiers(_unswallowed(raw, rules), line, rules)


def _match_late(line: Line, raw: Raw, rules: RuleSet) -> None:
    """Make the facts that second-stage patterns name visible as phrases, and match those patterns."""
    lexicon = rules.lexicon
    names, stage = lexicon.fragments, lexicon.late
    found = [(names[kind], start, end) for (kind, start), (_, _, end) in raw.items() if kind in names]
    if not found:
        return
    for name, start, end in found:
        line.add(name, start, end)
    words = [(at, at + 1, stage[token]) for at, token in enumerate(line.tokens) if token in stage]
    phrases = [
        (at, at + one.length, stage[one.text])
        for at, here in line.starts.items()
        for one in here
        if one.text in stage
    ]
    _match(line, words + phrases, raw, rules.doubtful)


def _match(line: Line, anchors: Iterable[Anchor], raw: Raw, doubtful: frozenset[str]) -> None:
    """Add what is found; a pattern that needs what the text has not is never tried."""
    counts: dict[str, int] = {}
    absent, marked = ALL ^ line.mark, line.mark.to_bytes(SIZE, "little")
    for start, end, patterns in anchors:
        for byte, bit, need, pattern in patterns:
            if not marked[byte] & bit or need & absent:
                continue
            kind, reach = pattern.kind, pattern.reach
            if counts.get(kind, 0) >= MOST or (reach and line.lacks(pattern.beside, start, end, reach)):
                continue
            span = match_at(pattern, line, start, end)
            if span is None:
                continue
            first, last = span
            key = (kind, first)
            known = raw.get(key)
            if known is None or _is_better(pattern.rule, last, known, doubtful):
                raw[key] = (pattern.rule, first, max(last, first + 1))
                counts[kind] = counts.get(kind, 0) + 1


def _is_better(rule: str, last: int, known: tuple[str, int, int], doubtful: frozenset[str]) -> bool:
    """Whether a finding takes the place of one of its kind that begins where it does: surer, or longer."""
    doubted = rule in doubtful
    if doubted != (known[0] in doubtful):
        return not doubted
    return known[2] < last


def _join(raw: Raw, line: Line, rules: RuleSet) -> None:
    """Add the kinds whose parts were all found close together, in whatever order."""
    places: dict[str, list[tuple[int, int]]] = {}
    for kind, start in [key for key in raw if key[0][0] == "&"]:
        _, _, end = raw.pop((kind, start))
        places.setdefault(kind, []).append((start, end))
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
        ends += [at + one.length for one in line.starts.get(at, ()) if one.text in pattern.anchor]
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
        if kind in places:
            places[kind].append((start, end))
        else:
            places[kind] = [(start, end)]
    around = surroundings(line, places, rules)
    kinds, facts, plain = rules.kinds, [], not (around.negations or around.places)
    sayings = [found for (kind, _), found in raw.items() if kind == "harmless"]
    for (kind, _), (rule, start, end) in raw.items():
        modifiers = (
            () if plain or kind not in kinds else modifiers_of(kinds[kind], (start, end), around, rules)
        )
        if "harmless" in modifiers and not _explained((rule, start, end), sayings, line, rules):
            modifiers = tuple([modifier for modifier in modifiers if modifier != "harmless"])
        facts.append(Fact(kind, rule, start, end, modifiers))
    facts.sort(key=itemgetter(2, 3))
    return facts


def _explained(danger: Place, sayings: Iterable[Place], line: Line, rules: RuleSet) -> bool:
    """Whether one of the sayings says that this is no danger."""
    return any(explains(saying, danger, line, rules) for saying in sayings)
