"""Assessing one text: fold, split, match, weigh, compose. Pure: no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import replace

from triage.compiling import default_rules
from triage.compose import Verdict, verdict
from triage.facts import find_facts, line_of
from triage.fold import fold
from triage.language import Reading, read_language
from triage.model import Assessment, Signal, Urgency
from triage.ruleset import RuleSet
from triage.subject import roles_of, staff_reported, subject_of
from triage.views import View, views_of
from triage.words import join_spaced, split

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
    base = View(rules, folded, words, line.present, facts, verdict(facts, recent, line, rules))
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


def _signals(view: View) -> tuple[Signal, ...]:
    shown = [fact for fact in view.facts if fact.kind in view.rules.kinds]
    if not shown:
        return ()
    source, kinds, folded = view.words.source, view.rules.kinds, view.folded
    spans = view.words.spans(source[max(fact.end for fact in shown) - 1] + 1)
    signals = []
    for fact in shown:
        start, end = folded.original(spans[source[fact.start]][0], spans[source[fact.end - 1]][1])
        signals.append(Signal(fact.kind, fact.rule, start, end, fact.modifiers, kinds[fact.kind].gloss))
    return tuple(signals)
