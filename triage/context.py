"""Context: negation, past and frames around a concept, after NegEx and ConText (Chapman 2001, Harkema 2009).

A modifier has a direction, a scope and terminators; what the pattern itself consumed never negates it.
"""

from collections.abc import Sequence

from triage.ruleset import Kind, RuleSet

REACH = 4
PAST_REACH = 8
_END = frozenset({"."})


def modifiers_of(
    kind: Kind, tokens: Sequence[str], span: tuple[int, int], frames: frozenset[str], rules: RuleSet
) -> tuple[str, ...]:
    """The modifiers that hold for a concept of this kind at `span`."""
    found = []
    if kind.negated is not None and _negated(tokens, span[0], rules):
        found.append("negated")
    if kind.past is not None and _past(tokens, span, rules):
        found.append("past")
    if kind.framed is not None and frames:
        found.append("framed")
    return tuple(found)


def _negated(tokens: Sequence[str], start: int, rules: RuleSet) -> bool:
    cues, stops = rules.classes["neg"], rules.classes["neg_stop"]
    for at in range(start - 1, max(start - 1 - REACH, -1), -1):
        token = tokens[at]
        if token == "." or token in stops:
            return False
        if token in cues:
            return tokens[at + 1] not in rules.classes["neg_pseudo"]
    return False


def _past(tokens: Sequence[str], span: tuple[int, int], rules: RuleSet) -> bool:
    cues = rules.classes["past_cue"]
    window = tokens[max(span[0] - PAST_REACH, 0) : span[1] + PAST_REACH]
    text = " ".join(window)
    return any(cue in text.split() if " " not in cue else f" {cue} " in f" {text} " for cue in cues)
