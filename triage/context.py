"""Context: negation, past and frames around a concept, after NegEx and ConText (Chapman 2001, Harkema 2009).

A modifier has a direction, a scope and terminators; what the pattern itself consumed never negates it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.ruleset import Kind, RuleSet
from triage.words import PAUSE, SENTENCE

REACH = 4
PAST_REACH = 10
FRAME_REACH = 14
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around the concepts of one text: its tokens and, by modifier, the places that may modify."""

    tokens: Sequence[str]
    places: Mapping[str, Sequence[Span]]


_REACH = {
    "past": PAST_REACH,
    "framed": FRAME_REACH,
    "hyper": FRAME_REACH,
    "mild": FRAME_REACH,
    "small": -1,
    "prevent": 10,
    "harmless": -1,
    "leave": FRAME_REACH,
    "weeks": PAST_REACH,
}
_SOURCES = {
    "past": ("past_cue",),
    "framed": ("frame_game", "frame_school", "frame_media"),
    "hyper": ("frame_hyper", "frame_joke"),
    "mild": ("mild",),
    "small": ("small_blade",),
    "prevent": ("frame_prevent",),
    "harmless": ("harmless",),
    "leave": ("frame_leave",),
    "weeks": ("time_weeks",),
}


def surroundings(tokens: Sequence[str], places: Mapping[str, Sequence[Span]], rules: RuleSet) -> Surroundings:
    """Gather them; laughter and exaggeration do not frame a text that tells of real distress."""
    told = [rules.kinds[kind] for kind in places if kind in rules.kinds]
    ignored = set()
    if any(kind.calms_joke for kind in told):
        ignored.add("frame_joke")
    if any(kind.calms_hyper for kind in told):
        ignored.add("frame_hyper")
    found = {
        modifier: [span for source in sources if source not in ignored for span in places.get(source, ())]
        for modifier, sources in _SOURCES.items()
    }
    return Surroundings(tokens, {modifier: spans for modifier, spans in found.items() if spans})


def modifiers_of(kind: Kind, span: Span, around: Surroundings, rules: RuleSet) -> tuple[str, ...]:
    """The modifiers that hold for a concept of this kind at `span`."""
    found = []
    if kind.negated is not None and _negated(around.tokens, span[0], rules):
        found.append("negated")
    for modifier, spans in around.places.items():
        reach = _REACH[modifier]
        if getattr(kind, modifier) is None:
            continue
        if any(
            _apart(span, other) <= reach and _may(kind, modifier, span, other, around.tokens)
            for other in spans
        ):
            found.append(modifier)
    return tuple(found)


def _may(kind: Kind, modifier: str, span: Span, other: Span, tokens: Sequence[str]) -> bool:
    """Whether a modifier may act across the end of a sentence: exaggeration may, save on an emergency."""
    if modifier == "hyper" and kind.band:
        return True
    return SENTENCE not in tokens[min(span[0], other[0]) : max(span[1], other[1])]


def _apart(one: Span, other: Span) -> int:
    """Tokens between two spans; negative when they overlap."""
    return max(one[0] - other[1], other[0] - one[1])


def _negated(tokens: Sequence[str], start: int, rules: RuleSet) -> bool:
    """Whether a negation stands shortly before; "cannot not", "can't stop", "nobody knows" negate nothing."""
    cues, stops, pseudo = (rules.classes[name] for name in ("neg", "neg_stop", "neg_pseudo"))
    for at in range(start - 1, max(start - 1 - REACH, -1), -1):
        word = tokens[at]
        if word in {SENTENCE, PAUSE} or word in stops:
            return False
        if word in cues and pseudo.isdisjoint(tokens[at + 1 : min(at + 3, start)]):
            return not (at > 0 and tokens[at - 1] == word)
    return False
