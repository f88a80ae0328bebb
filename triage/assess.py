"""Assessing one text: fold, split, match, weigh, compose. Pure; the whole way of a message through this room."""

from collections.abc import Sequence

from triage.compose import Verdict, verdict
from triage.facts import Fact, find_facts
from triage.fold import Folded, fold
from triage.language import Reading, read_language
from triage.model import Assessment, Signal, Urgency
from triage.ruleset import RuleSet, default_rules
from triage.subject import roles_of, staff_reported, subject_of
from triage.words import Words, join_spaced, split

_URGENCY = tuple(Urgency)
_UNSCORED = {"foreign": ("urgent", "unknown_language"), "unreadable": ("prompt", "unreadable")}


def assess(text: str, recent: Sequence[str] = (), rules: RuleSet | None = None) -> Assessment:
    """What `text` means, given the kinds of signal that came before in its thread.

    Never raises on any string. `rules` defaults to the rules shipped with the package.
    """
    rules = default_rules() if rules is None else rules
    folded = fold(text)
    words = split(join_spaced(folded.text, rules.known), rules.known, rules.repair)
    facts = find_facts(words.tokens, rules)
    reading = read_language(text, words.tokens, rules)
    result = verdict(facts, recent, words.tokens, rules)
    if not reading.scored and result.rank > Urgency(_UNSCORED[reading.state][0]).rank:
        result = _unscored(reading)
    return Assessment(
        urgency=_URGENCY[result.rank],
        wakes=result.wakes,
        categories=result.categories,
        subject=subject_of(result, facts, words.tokens, rules),
        language=reading.language,
        scored=reading.scored,
        mentions_staff=staff_reported(result, words.tokens, rules),
        roles=roles_of(words.tokens, rules),
        signals=_signals(facts, words, folded, rules),
        why=result.why,
        raise_by=result.raise_by,
        ruleset_hash=rules.hash,
    )


def _unscored(reading: Reading) -> Verdict:
    band, why = _UNSCORED[reading.state]
    return Verdict(Urgency(band).rank, band == "urgent", ("other",), why, ())


def _signals(facts: Sequence[Fact], words: Words, folded: Folded, rules: RuleSet) -> tuple[Signal, ...]:
    shown = [fact for fact in facts if fact.kind in rules.kinds]
    if not shown:
        return ()
    spans = words.spans()
    signals = []
    for fact in shown:
        first, last = spans[words.source[fact.start]], spans[words.source[fact.end - 1]]
        start, end = folded.original(first[0], last[1])
        signals.append(Signal(fact.kind, fact.rule, start, end, fact.modifiers, rules.kinds[fact.kind].gloss))
    return tuple(signals)
