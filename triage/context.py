"""Context: negation, past and frames around a concept, after NegEx and ConText (Chapman 2001, Harkema 2009).

A modifier has a direction, a scope and terminators; what the pattern itself consumed never negates it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.ruleset import Kind, RuleSet

REACH = 4
PAST_REACH = 10
FRAME_REACH = 14
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around the concepts of one text: its tokens and the places of frames, past cues and small blades."""

    tokens: Sequence[str]
    frames: Sequence[Span]
    pasts: Sequence[Span]
    smalls: Sequence[Span]


def surroundings(tokens: Sequence[str], places: Mapping[str, Sequence[Span]], rules: RuleSet) -> Surroundings:
    """Gather them; laughter and exaggeration do not frame a text that tells of real distress."""
    calmed = [rules.kinds[kind] for kind in places if kind in rules.kinds]
    no_joke = any(kind.calms_joke for kind in calmed)
    no_hyper = any(kind.calms_hyper for kind in calmed)
    frames = [
        span
        for kind, spans in places.items()
        if kind.startswith("frame")
        and not (kind == "frame_joke" and no_joke)
        and not (kind == "frame_hyper" and no_hyper)
        for span in spans
    ]
    return Surroundings(tokens, frames, places.get("past_cue", ()), places.get("small_blade", ()))


def modifiers_of(kind: Kind, span: Span, around: Surroundings, rules: RuleSet) -> tuple[str, ...]:
    """The modifiers that hold for a concept of this kind at `span`."""
    found = []
    if kind.negated is not None and _negated(around.tokens, span[0], rules):
        found.append("negated")
    if kind.past is not None and any(_apart(span, cue) <= PAST_REACH for cue in around.pasts):
        found.append("past")
    if kind.framed is not None and any(_apart(span, frame) <= FRAME_REACH for frame in around.frames):
        found.append("framed")
    if kind.small is not None and any(_apart(span, small) < 0 for small in around.smalls):
        found.append("small")
    return tuple(found)


def _apart(one: Span, other: Span) -> int:
    """Tokens between two spans; negative when they overlap."""
    return max(one[0] - other[1], other[0] - one[1])


def _negated(tokens: Sequence[str], start: int, rules: RuleSet) -> bool:
    cues, stops = rules.classes["neg"], rules.classes["neg_stop"]
    for at in range(start - 1, max(start - 1 - REACH, -1), -1):
        token = tokens[at]
        if token == "." or token in stops:
            return False
        if token in cues:
            return tokens[at + 1] not in rules.classes["neg_pseudo"]
    return False
