"""Composition: from facts to a band by a table of combinations; modifiers lower to a floor."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from triage.backing import borne_out
from triage.facts import Fact
from triage.matching import Line
from triage.ruleset import Compose, Kind, Need, RuleSet

PROMPT, ROUTINE = 2, 3
MOST_RAISES = 4
Places = dict[str, list[Fact | None]]
# Which danger comes first among findings of one band.
_DANGERS = (
    "drugs",
    "suicide_self_harm",
    "threat_violence",
    "dating_violence",
    "abuse",
    "sexual_violence",
    "weapon",
    "eating",
    "hate",
    "bullying",
    "welfare",
    "grief",
    "other",
)
_ORDER = {category: place for place, category in enumerate(_DANGERS)}
_LAST = len(_DANGERS)
_EVERYDAY = frozenset({"bullying", "drugs", "grief"})


class Verdict(NamedTuple):
    """The band (as rank), what gave it and what would have raised it."""

    rank: int
    wakes: bool
    categories: tuple[str, ...]
    why: str
    raise_by: tuple[str, ...]
    subject: str = ""
    main: Fact | None = None


class Finding(NamedTuple):
    """One reason for a band; the first in this order is the one that is told."""

    rank: int
    order: int
    category: str
    why: str
    wakes: bool | None
    subject: str
    main: Fact | None

    @property
    def plain(self) -> bool:
        """Whether no modifier lowered it."""
        return self.main is None or not self.main.modifiers


_NOTHING = Verdict(ROUTINE, wakes=False, categories=("other",), why="nothing", raise_by=())


def verdict(
    facts: Sequence[Fact],
    recent: Sequence[str],
    line: Line,
    rules: RuleSet,
    points_near: Callable[[Fact], int] | None = None,
) -> Verdict:
    """Weigh all facts of one message together with the kinds that came before it.

    `points_near` gives what the small signs around a fact come to: where they bear it out too little, it does
    not alarm. Without it, every fact is taken at its word.
    """
    if not facts and not recent:
        return _NOTHING
    kinds = rules.kinds
    findings = [_alone(fact, kinds[fact.kind]) for fact in facts if fact.kind in kinds]
    places = _places(facts)
    for kind in recent:
        places.setdefault(kind, []).append(None)
    lacking: list[tuple[int, Need]] = []
    for compose in _possible(places, rules):
        missing = [need for need in compose.need if not _met(need, places, line, rules)]
        if not missing and (main := _together(compose, places)) is not None:
            findings.append(_finding(compose, main[0]))
        elif len(missing) == 1:
            lacking.append((compose.rank, missing[0]))
    if points_near:
        findings = [_doubted(finding, line, rules, points_near) for finding in findings]
    findings.sort(key=itemgetter(0, 1))
    rank = findings[0].rank if findings else ROUTINE
    return _conclude(findings, _would_raise(rank, lacking) if lacking else ())


def _alone(fact: Fact, kind: Kind) -> Finding:
    rank, why, modifiers = kind.band, kind.name, fact.modifiers
    if modifiers:
        rank = max(rank, *map(kind.floors.__getitem__, modifiers))
        why = f"{why} ({', '.join(modifiers)})"
    category = kind.category
    return Finding(rank, _ORDER.get(category, _LAST), category, why, kind.wakes, kind.subject, fact)


def _doubted(finding: Finding, line: Line, rules: RuleSet, points_near: Callable[[Fact], int]) -> Finding:
    """The finding, which does not alarm where too little in the text bears it out.

    What is exaggerated has no signs left, its words count for nothing: what alarms all the same needs none.
    """
    main = finding.main
    if finding.rank >= PROMPT or main is None or "hyper" in main.modifiers:
        return finding
    return finding if borne_out(main, line, rules, points_near) else finding._replace(rank=PROMPT)


def _places(facts: Iterable[Fact]) -> Places:
    """Facts by kind, and by modifier and kind; what is harmless answers to no other name."""
    out: Places = {}
    for fact in facts:
        kind, modifiers = fact.kind, fact.modifiers
        if not modifiers:
            names: Sequence[str] = (kind,)
        elif "harmless" in modifiers:
            names = (f"harmless:{kind}",)
        else:
            names = [f"{modifier}:{kind}" for modifier in modifiers]
        for name in names:
            if name in out:
                out[name].append(fact)
            else:
                out[name] = [fact]
    return out


def _possible(places: Places, rules: RuleSet) -> Iterable[Compose]:
    """The compositions whose first need is met, each once, in the order in which the text meets them."""
    found: dict[int, Compose] = {}
    for kind in places:
        for compose in rules.compositions.get(kind, ()):
            found[id(compose)] = compose
    return found.values()


def _met(need: Need, places: Places, line: Line, rules: RuleSet) -> bool:
    """Whether one of its kinds or classes is there; the places of its classes are added to `places`."""
    if need.mark & line.mark:
        for name in need.names:
            if name[0] == "@" and name not in places:
                found = _places_of(rules.classes[name[1:]], name, line)
                if found:
                    places[name] = found
    return not need.kinds.isdisjoint(places)


def _places_of(words: frozenset[str], name: str, line: Line) -> list[Fact | None]:
    found: list[Fact | None] = []
    if not words.isdisjoint(line.present):
        found += [Fact(name, name, at, at + 1) for at, token in enumerate(line.tokens) if token in words]
    found += [
        Fact(name, name, at, at + one.length)
        for at, phrases in line.starts.items()
        for one in phrases
        if one.text in words
    ]
    return found


def _together(compose: Compose, places: Places) -> tuple[Fact | None] | None:
    """The fact of the first need if every other need has a place near enough, else None."""
    if compose.none and not compose.none.isdisjoint(places):
        return None
    first_need, *needs = compose.need
    span = compose.span
    for first in _of(first_need, places):
        if first is None or not span:
            return (first,)
        if all(_any_near(first, _of(need, places), span) for need in needs):
            return (first,)
    return None


def _of(need: Need, places: Places) -> Iterable[Fact | None]:
    """The places of everything that meets a need."""
    return chain.from_iterable([places[name] for name in need.names if name in places])


def _finding(compose: Compose, main: Fact | None) -> Finding:
    order = _ORDER.get(compose.category, _LAST)
    return Finding(
        compose.rank,
        order,
        compose.category,
        compose.id,
        compose.wakes,
        compose.subject,
        main,
    )


def _would_raise(rank: int, lacking: Iterable[tuple[int, Need]]) -> tuple[str, ...]:
    """What one more concept would have raised the band: the missing need of those that lack only one."""
    return tuple(sorted({need.label for reached, need in lacking if reached < rank})[:MOST_RAISES])


def _any_near(one: Fact, others: Iterable[Fact | None], span: int) -> bool:
    first, last = one.start - span, one.end + span
    return any(other is None or (other.start <= last and first <= other.end) for other in others)


def _conclude(ordered: Sequence[Finding], raise_by: tuple[str, ...]) -> Verdict:
    if not ordered:
        return _NOTHING._replace(raise_by=raise_by)
    best = ordered[0]
    if best.rank == ROUTINE:
        named = [finding.category for finding in ordered if finding.category in _EVERYDAY and finding.plain]
    else:
        named = [finding.category for finding in ordered if finding.category and finding.rank < ROUTINE]
    categories = tuple(dict.fromkeys(named)) or ("other",)
    wakes = best.rank == 0 or (best.rank == 1 and _wakes(ordered))
    return Verdict(best.rank, wakes, categories, best.why, raise_by, best.subject, best.main)


def _wakes(findings: Sequence[Finding]) -> bool:
    """URGENT wakes unless every finding of that band says it need not (when unsure: it does)."""
    return any(finding.wakes is not False for finding in findings if finding.rank == 1)
