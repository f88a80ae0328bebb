"""Assessing one text: fold, split, match, weigh, compose. Pure: no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from triage.compiling import default_rules
from triage.compose import Verdict, verdict
from triage.evidence import (
    ROUTINE,
    URGENT,
    Evidence,
    Found,
    category_of,
    danger_of,
    found_in,
    marks_of,
    weigh,
)
from triage.facts import Fact, find_facts, line_of
from triage.fold import fold
from triage.language import Reading, read_language
from triage.model import Assessment, Signal, Urgency
from triage.ruleset import RuleSet
from triage.subject import roles_of, staff_reported, subject_of
from triage.views import View, views_of
from triage.words import SENTENCE, join_spaced, split

EVIDENCE = "evidence"
# So many words before and after what rules found may bear it out.
NEAR = 8
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
    reading = read_language(text, folded, words, line.present, rules)
    facts = find_facts(line, rules)
    left = _not_taken_back(words.tokens, facts)
    found = found_in(left, rules.evidence)
    danger = danger_of(found)
    supported = bool(recent) or danger >= rules.evidence.much
    points_near = None if supported else partial(_points_near, left, danger, rules.evidence)
    by_rules = verdict(facts, recent, line, rules, points_near)
    result = raised(by_rules, danger, found, rules.evidence)
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
        mentions_staff=result.rank < ROUTINE and any(staff_reported(result, one) for one in views),
        roles=roles_of(best.present, best.rules),
        signals=tuple([signal for view in views for signal in _signals(view)]),
        why=result.why,
        raise_by=result.raise_by,
        ruleset_hash=rules.hash,
    )


def _points_near(tokens: Sequence[str], danger: int, evidence: Evidence, fact: Fact) -> int:
    """What small signs bear out a fact with: those around it in its sentence, or all in the text if more.

    A sentence without end may tell of anything further away.
    """
    start, end = fact.start, fact.end
    for _ in range(NEAR):
        start -= start > 0 and tokens[start - 1] != SENTENCE
        end += end < len(tokens) and tokens[end] != SENTENCE
    near = danger_of(found_in(tokens[start:end], evidence))
    return max(near, danger) if danger > 0 else near


def _unscored(reading: Reading) -> Verdict:
    band, why = _UNSCORED[reading.state]
    return Verdict(Urgency(band).rank, band == "urgent", ("other",), why, ())


def _not_taken_back(tokens: Sequence[str], facts: Sequence[Fact]) -> Sequence[str]:
    """The tokens without the words of what was denied or exaggerated, which must not count a second time.

    What reaches beyond one sentence takes nothing back: it may only be noise beside a danger.
    """
    left = None
    for _, _, start, end, modifiers in facts:
        if modifiers and not _TAKE_BACK.isdisjoint(modifiers) and SENTENCE not in tokens[start:end]:
            left = left or list(tokens)
            left[start:end] = [""] * (end - start)
    return left or tokens


def raised(result: Verdict, danger: int, found: Found, evidence: Evidence) -> Verdict:
    """What the rules found, raised to the band that the evidence comes to; its votes choose the category."""
    rank, wakes, known, why, raise_by, subject, main = result
    rank = min(rank, weigh(danger, found, evidence))
    if rank == ROUTINE:
        return result
    first = category_of(found, evidence, known[0])
    categories = (first, *[name for name in known if name not in {first, "other"}])
    if rank == result.rank:
        return Verdict(rank, wakes, categories, why, raise_by, subject, main)
    return Verdict(rank, rank <= URGENT, categories, EVIDENCE, (), subject, main)


def _signals(view: View) -> Sequence[Signal]:
    """What was found, placed in the text as it was typed."""
    kinds, words, evidence = view.rules.kinds, view.words, view.rules.evidence
    facts = [fact for fact in view.facts if fact.kind in kinds]
    marks = marks_of(view.cues) if view.result.why == EVIDENCE else ()
    if not facts and not marks:
        return ()
    spans = view.folded.originals(words.spans([fact[2:4] for fact in facts] + [mark[:2] for mark in marks]))
    told = [
        Signal(kind, rule, start, end, modifiers, kinds[kind].gloss)
        for (kind, rule, _, _, modifiers), (start, end) in zip(facts, spans, strict=False)
    ]
    for mark, (start, end) in zip(marks, spans[len(facts) :], strict=True):
        told.append(Signal(EVIDENCE, EVIDENCE, start, end, (), f"{mark.points} of {evidence.danger} points"))
    return told
