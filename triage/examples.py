"""Which rules speak in a sentence: what the examples in rule files are held to."""

from collections.abc import Iterator

from triage.compiling import default_rules
from triage.cores import core_rules, resolver, seen_by_core
from triage.facts import find_facts, line_of
from triage.language import CORES
from triage.matching import Line, match_at
from triage.pattern import Pattern
from triage.ruleset import RuleSet
from triage.words import join_spaced, split


def rules_in(
    text: str, language: str = "en", rules: RuleSet | None = None, *, hidden: bool = False
) -> frozenset[str]:
    """The ids of the rules that find something in `text`, read in a language (English and Spanish are one).

    With `hidden` also those whose finding another rule's takes the place of.
    """
    if rules is None:
        rules = core_rules(language) if language in CORES else default_rules()
    folded = join_spaced(seen_by_core(language, text), rules.known)
    line = line_of(split(folded, rules.known, resolver(language, rules)).tokens, rules)
    found = {fact.rule for fact in find_facts(line, rules)}
    if hidden:  # the second stage sees the fragments that the first has just left in the line
        found |= {pattern.rule for pattern in _matching(line, rules) if pattern.kind[0] != "&"}
    return frozenset(rule.rpartition(".")[0] for rule in found)


def _matching(line: Line, rules: RuleSet) -> Iterator[Pattern]:
    """Every pattern that matches somewhere."""
    late = rules.lexicon.late
    words = [(at, at + 1, late.get(word, ())) for at, word in enumerate(line.tokens)]
    phrases = [
        (at, at + one.length, late.get(one.text, ())) for at, found in line.starts.items() for one in found
    ]
    for start, end, patterns in (*line.anchors, *words, *phrases):
        for *_, pattern in patterns:
            if match_at(pattern, line, start, end) is not None:
                yield pattern
