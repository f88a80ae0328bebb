"""Backing: whether enough else in a text bears out what a rule found; talk may sound the same by chance."""

from collections.abc import Callable, Sequence

from triage.facts import Fact
from triage.matching import Line
from triage.ruleset import RuleSet
from triage.words import BOUNDARIES, SENTENCE

# A clause of so few words is nothing but what was found.
BRIEF = 6
_CLAUSE_ENDS = frozenset({SENTENCE, "and", "but", "y", "pero"})


def borne_out(fact: Fact, line: Line, rules: RuleSet, points_near: Callable[[Fact], int]) -> bool:
    """Whether enough points are near a fact: much where the pattern is doubtful, else little.

    What is all of its clause is taken at its word, if nothing speaks against it: "My teacher touched me" has
    no room for other signs. A school's own rule needs none.
    """
    if fact.rule.rpartition(".")[0] in rules.own:
        return True
    if fact.rule in rules.doubtful:
        return points_near(fact) >= rules.evidence.much
    return points_near(fact) >= (0 if _is_brief(line.tokens, fact, rules) else rules.evidence.little)


def _is_brief(tokens: Sequence[str], fact: Fact, rules: RuleSet) -> bool:
    """Whether the clause of a fact has few words, those for a time near ("tonight") not counted."""
    start, end = fact.start, fact.end
    while start > 0 and tokens[start - 1] not in _CLAUSE_ENDS:
        start -= 1
    while end < len(tokens) and tokens[end] not in _CLAUSE_ENDS:
        end += 1
    near = rules.classes["time_near"]
    return sum(token not in BOUNDARIES and token not in near for token in tokens[start:end]) <= BRIEF
