"""Assessing one text: fold, split, match, weigh, compose. Pure: no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import replace

from triage.compiling import default_rules
from triage.compose import Verdict, verdict
from triage.evidence import ROUTINE, URGENT, Evidence, Found, category_of, found_in, marks_of, weigh
from triage.facts import Fact, find_facts, line_of
from triage.fold import fold
from triage.language import Reading, read_language
from triage.model import Assessment, Signal, Urgency
from triage.ruleset import RuleSet
from triage.subject import roles_of, staff_reported, subject_of
from triage.views import View, views_of
from triage.words import join_spaced, split

EVIDENCE = "evidence"
_TAKE_BACK = frozenset({"hyper", "harmless", "negated"})
_URGENCY = tuple(Urgency)
_UNSCORED = {"foreign": ("urgent", "unknown_language"), "unreadable": ("prompt", "unreadable")}


def assess(text: str, recent: Sequence[str] = (), rules: RuleSet | None = None) -> Assessment:
    """What `text` means, given the kinds of signal that came before in its thread.

    Never raises on any string. `rules` defaults to the rules shipped with the package.
    """
    rules = default_rules() if rules is None else rules
    found = _assess(text, recent, rules)
    if rules.base is None:
        return found
    base = _assess(text, recent, rules.base)
    return found if found.urgency.rank <= base.urgency.rank else replace(base, ruleset_hash=rules.hash)


def _assess(text: str, recent: Sequence[str], rules: RuleSet) -> Assessment:
    folded = fold(text)
    words = split(join_spaced(folded.text, rules.known), rules.known, rules.repair)
    line = line_of(words.tokens, rules)
    reading = read_language(text, folded.text, line.present, rules)
    facts = find_facts(line, rules)
    found = found_in(_not_taken_back(words.tokens, facts), rules.evidence)
    result = raised(verdict(facts, recent, line, rules), found, rules.evidence)
    base = View(rules, folded, words, line.present, facts, result, found)
    views = views_of(text, recent, reading, base) if reading.cores else [base]
    best, result = views[0], views[0].result
    if not reading.scored and result.rank > Urgency(_UNSCORED[reading.state][0]).rank:
        result = _unscored(reading)
    return Assessment(
        urgency=_URGENCY[result.rank],
        wakes=result.wakes,
        categories=result.categories,
        subject=subject_of(result, best.words.tokens, best.rules),
        language=reading.language,
        scored=reading.scored,
        mentions_staff=any(_names_staff(result, one) for one in views),
        roles=roles_of(best.present, best.rules),
        signals=tuple(signal for one in views for signal in _signals(one)),
        why=result.why,
        raise_by=result.raise_by,
        ruleset_hash=rules.hash,
    )


def _names_staff(result: Verdict, view: View) -> bool:
    """Whether a staff member may be the one reported, by the words of one view."""
    return staff_reported(result._replace(main=view.result.main), view.words.tokens, view.rules)


def _unscored(reading: Reading) -> Verdict:
    band, why = _UNSCORED[reading.state]
    return Verdict(Urgency(band).rank, band == "urgent", ("other",), why, ())


def _not_taken_back(tokens: Sequence[str], facts: Sequence[Fact]) -> Sequence[str]:
    """The tokens without the words of what was denied or exaggerated, which must not count a second time."""
    idle = {
        at
        for fact in facts
        if not _TAKE_BACK.isdisjoint(fact.modifiers)
        for at in range(fact.start, fact.end)
    }
    return ["" if at in idle else token for at, token in enumerate(tokens)] if idle else tokens


def raised(result: Verdict, found: Found, evidence: Evidence) -> Verdict:
    """What the rules found, raised to the band that the evidence comes to; its votes choose the category."""
    rank = min(result.rank, weigh(found, evidence))
    if rank == ROUTINE:
        return result
    first = category_of(found, evidence, result.categories[0])
    categories = (first, *(name for name in result.categories if name not in {first, "other"}))
    if rank == result.rank:
        return result._replace(categories=categories)
    return result._replace(rank=rank, wakes=rank <= URGENT, categories=categories, why=EVIDENCE, raise_by=())


def _signals(view: View) -> tuple[Signal, ...]:
    kinds, needed = view.rules.kinds, view.rules.evidence.danger
    found = [
        (fact.kind, fact.rule, fact.start, fact.end, fact.modifiers, kinds[fact.kind].gloss)
        for fact in view.facts
        if fact.kind in kinds
    ]
    if view.result.why == EVIDENCE:
        found += [
            (EVIDENCE, EVIDENCE, mark.start, mark.end, (), f"{mark.points} of {needed} points")
            for mark in marks_of(view.cues, view.words.tokens, view.rules.evidence)
        ]
    if not found:
        return ()
    source, folded = view.words.source, view.folded
    spans = view.words.spans(source[max(end for _, _, _, end, _, _ in found) - 1] + 1)
    signals = []
    for kind, rule, first, end, modifiers, gloss in found:
        place = folded.original(spans[source[first]][0], spans[source[end - 1]][1])
        signals.append(Signal(kind, rule, *place, modifiers, gloss))
    return tuple(signals)
