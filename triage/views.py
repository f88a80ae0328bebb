"""One text seen through several rule sets: English and Spanish, and the crisis cores it asks for."""

from collections.abc import Sequence
from typing import NamedTuple

from triage.compose import PROMPT, Verdict, verdict
from triage.cores import core_rules, resolver, seen_by_core
from triage.evidence import Found
from triage.facts import Fact, find_facts, line_of
from triage.fold import Folded
from triage.language import Reading
from triage.ruleset import RuleSet
from triage.words import Words, split

# So many small words and the Spanish rules are heard as well.
ENOUGH = 1


class View(NamedTuple):
    """What one rule set found in a text."""

    rules: RuleSet
    folded: Folded
    words: Words
    present: frozenset[str]
    facts: Sequence[Fact]
    result: Verdict
    cues: Found = ()


def views_of(text: str, recent: Sequence[str], reading: Reading, base: View) -> list[View]:
    """Every view that may speak, the most urgent first; the text's own language wins a tie."""
    views = [_through(language, text, base.folded, recent) for language in reading.cores]
    if reading.mixed or _may_speak(base):
        views.insert(0 if reading.language not in reading.cores else len(views), base)
    return sorted(views, key=lambda view: view.result.rank)


def _may_speak(base: View) -> bool:
    """Whether it found a danger or small Spanish words: near languages share many, a miss costs more."""
    if base.result.rank <= PROMPT:
        return True
    spanish = base.rules.classes.get("small_es", frozenset())
    return len(spanish & base.present) >= ENOUGH


def _through(language: str, text: str, folded: Folded, recent: Sequence[str]) -> View:
    rules = core_rules(language)
    seen = folded if language != "vi" else folded._replace(text=seen_by_core(language, text))
    words = split(seen.text, rules.known, resolver(language, rules))
    line = line_of(words.tokens, rules)
    facts = find_facts(line, rules)
    return View(rules, seen, words, line.present, facts, verdict(facts, recent, line, rules))
