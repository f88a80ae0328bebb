"""Composition: from facts to a band by a table of combinations; modifiers lower to a floor."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from triage.facts import Fact
from triage.matching import Line
from triage.ruleset import Compose, Kind, RuleSet

ROUTINE = 3
MOST_RAISES = 4
Places = dict[str, list[Fact | None]]
# Which danger comes first among findings of one band.
_FIRST = (
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
_EVERYDAY = frozenset({"bullying", "drugs", "grief"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The band (as rank), what gave it and what would have raised it."""

    rank: int
    wakes: bool
    categories: tuple[str, ...]
    why: str
    raise_by: tuple[str, ...]
    subject: str = ""
    main: Fact | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    rank: int
    category: str
    why: str
    wakes: bool | None
    subject: str
    main: Fact | None

    @property
    def plain(self) -> bool:
        """Whether no modifier lowered it."""
        return self.main is None or not self.main.modifiers


def verdict(facts: Sequence[Fact], recent: Sequence[str], line: Line, rules: RuleSet) -> Verdict:
    """Weigh all facts of one message together with the kinds that came before it."""
    if not facts and not recent:
        return Verdict(ROUTINE, wakes=False, categories=("other",), why="nothing", raise_by=())
    findings = [_alone(fact, rules.kinds[fact.kind]) for fact in facts if fact.kind in rules.kinds]
    places = _places(facts)
    for kind in recent:
        places.setdefault(kind, []).append(None)
    findings.extend(_composed(places, line, rules))
    found = _conclude(findings)
    return replace(found, raise_by=_would_raise(found.rank, places, line, rules)) if found.rank else found


def _alone(fact: Fact, kind: Kind) -> Finding:
    rank = kind.band
    for modifier in fact.modifiers:
        lowered = getattr(kind, modifier)
        rank = max(rank, lowered)
    why = kind.name if not fact.modifiers else f"{kind.name} ({', '.join(fact.modifiers)})"
    return Finding(rank, kind.category, why, kind.wakes, kind.subject, fact)


def _places(facts: Iterable[Fact]) -> Places:
    out: Places = {}
    for fact in facts:
        names = [f"{modifier}:{fact.kind}" for modifier in fact.modifiers] or [fact.kind]
        for name in names:
            out.setdefault(name, []).append(fact)
    return out


def _composed(places: Places, line: Line, rules: RuleSet) -> Iterator[Finding]:
    present = places.keys()
    for kind in rules.compositions.keys() & present:
        for compose in rules.compositions[kind]:
            if compose.none and not compose.none.isdisjoint(present):
                continue
            main = _together(compose, places, line, rules)
            if main is not None:
                fact = main[0]
                yield Finding(
                    compose.rank, compose.category, compose.id, compose.wakes, compose.subject, fact
                )


def _would_raise(rank: int, places: Places, line: Line, rules: RuleSet) -> tuple[str, ...]:
    """What one more concept would have raised the band: the missing need of those that lack only one."""
    missing: dict[str, None] = {}
    for kind in rules.compositions.keys() & places.keys():
        for compose in rules.compositions[kind]:
            if compose.rank >= rank:
                continue
            lacking = [
                need for need in compose.need if not any(_of(name, places, line, rules) for name in need)
            ]
            if len(lacking) == 1:
                missing[min(lacking[0]).lstrip("@").replace("_", " ")] = None
    return tuple(sorted(missing)[:MOST_RAISES])


def _together(compose: Compose, places: Places, line: Line, rules: RuleSet) -> tuple[Fact | None] | None:
    """The fact of the first need if every other need has a place near enough, else None."""
    lists = []
    for need in compose.need:
        found = [fact for name in need for fact in _of(name, places, line, rules)]
        if not found:
            return None
        lists.append(found)
    for first in lists[0]:
        if first is None or not compose.span:
            return (first,)
        if all(any(_near(first, other, compose.span) for other in others) for others in lists[1:]):
            return (first,)
    return None


def _of(name: str, places: Places, line: Line, rules: RuleSet) -> Sequence[Fact | None]:
    """The places of a kind, or of a class of words ("@firearm"), looked for only when asked for."""
    if name[0] != "@" or name in places:
        return places.get(name, ())
    words = rules.classes[name[1:]]
    found: list[Fact | None] = []
    if not words.isdisjoint(line.present):
        found += [Fact(name, name, at, at + 1) for at, token in enumerate(line.tokens) if token in words]
        found += [
            Fact(name, name, at, stop)
            for at, phrases in line.starts.items()
            for phrase, stop in phrases
            if phrase in words
        ]
    places[name] = found
    return found


def _near(one: Fact, other: Fact | None, span: int) -> bool:
    return other is None or (other.start - one.end <= span and one.start - other.end <= span)


def _conclude(findings: Sequence[Finding]) -> Verdict:
    if not findings:
        return Verdict(ROUTINE, wakes=False, categories=("other",), why="nothing", raise_by=())
    ordered = sorted(findings, key=lambda finding: (finding.rank, _order(finding.category)))
    best = ordered[0]
    if best.rank == ROUTINE:
        named = [finding.category for finding in ordered if finding.category in _EVERYDAY and finding.plain]
    else:
        named = [finding.category for finding in ordered if finding.category and finding.rank < ROUTINE]
    categories = tuple(dict.fromkeys(named)) or ("other",)
    wakes = best.rank == 0 or (best.rank == 1 and _wakes(ordered))
    return Verdict(best.rank, wakes, categories, best.why, (), best.subject, best.main)


def _order(category: str) -> int:
    return _FIRST.index(category) if category in _FIRST else len(_FIRST)


def _wakes(findings: Sequence[Finding]) -> bool:
    """URGENT wakes unless every finding of that band says it need not (when unsure: it does)."""
    return any(finding.wakes is not False for finding in findings if finding.rank == 1)
