"""Backing: whether enough else in a text bears out what a rule found; talk may sound the same by chance."""

from collections.abc import Callable, Sequence

from triage.facts import Fact
from triage.matching import Line
from triage.ruleset import RuleSet
from triage.words import BOUNDARIES, SENTENCE

# A clause of so few words is nothing but what was found.
BRIEF = 6
_CLAUSE_ENDS = frozenset({SENTENCE, "and", "but", "y", "pero"})


def borne_out(
    fact: Fact, backing: str, line: Line, rules: RuleSet, points_near: Callable[[Fact], int]
) -> bool:
    """Whether the points near a fact are as many as its `backing` asks; a school's own rule needs none.

    What is all of its clause is taken at its word, if nothing speaks against it: "My teacher touched me" has
    no room for other signs.
    """
    if backing == "none" or fact.rule.rpartition(".")[0] in rules.own:
        return True
    needed = rules.evidence.much if backing == "much" else rules.evidence.little
    return points_near(fact) >= (0 if _is_brief(line.tokens, fact) else needed)


def _is_brief(tokens: Sequence[str], fact: Fact) -> bool:
    """Whether the clause of a fact has few words."""
    start, end = fact.start, fact.end
    while start > 0 and tokens[start - 1] not in _CLAUSE_ENDS:
        start -= 1
    while end < len(tokens) and tokens[end] not in _CLAUSE_ENDS:
        end += 1
    return sum(token not in BOUNDARIES for token in tokens[start:end]) <= BRIEF
