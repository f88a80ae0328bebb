"""Context: negation, past and frames around a concept, after NegEx and ConText (Chapman 2001, Harkema 2009).

A modifier has a direction, a scope and terminators; what the pattern itself consumed never negates it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from triage.matching import Line
from triage.ruleset import Kind, RuleSet
from triage.words import BOUNDARIES, SENTENCE

REACH = 4
PAST_REACH = 10
FRAME_REACH = 14
Span = tuple[int, int]


class Surroundings(NamedTuple):
    """What lies around the concepts of one text: its tokens and, by modifier, the places that may modify.

    `events` are places of real events (a match, show and tell): no frame for what is at hand, as a weapon is.
    """

    tokens: Sequence[str]
    places: Mapping[str, Sequence[Span]]
    negations: bool
    events: Sequence[Span] = ()


# How many tokens away each modifier may stand (-1: only on the concept itself).
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
# Which modifier each kind of place makes, in the order in which modifiers are told.
_SOURCES = {
    "past_cue": "past",
    "frame_game": "framed",
    "frame_school": "framed",
    "frame_media": "framed",
    "frame_hyper": "hyper",
    "frame_joke": "hyper",
    "mild": "mild",
    "small_blade": "small",
    "frame_prevent": "prevent",
    "harmless": "harmless",
    "frame_leave": "leave",
    "time_weeks": "weeks",
}


def surroundings(line: Line, places: Mapping[str, Sequence[Span]], rules: RuleSet) -> Surroundings:
    """Gather them; laughter and exaggeration do not frame a text that tells of real distress."""
    negations = not rules.classes["neg"].isdisjoint(line.present)
    if _SOURCES.keys().isdisjoint(places):
        return Surroundings(line.tokens, {}, negations)
    found: dict[str, list[Span]] = {}
    for source, modifier in _SOURCES.items():
        if source in places and not _calmed(source, places, rules):
            found.setdefault(modifier, []).extend(places[source])
    return Surroundings(line.tokens, found, negations, places.get("real_event", ()))


def _calmed(source: str, places: Iterable[str], rules: RuleSet) -> bool:
    """Whether a concept is there beside which laughter or exaggeration means nothing."""
    told = (rules.kinds[kind] for kind in places if kind in rules.kinds)
    if source == "frame_joke":
        return any(kind.calms_joke for kind in told)
    return source == "frame_hyper" and any(kind.calms_hyper for kind in told)


def modifiers_of(kind: Kind, span: Span, around: Surroundings, rules: RuleSet) -> tuple[str, ...]:
    """The modifiers that hold for a concept of this kind at `span`."""
    floors = kind.floors
    found = []
    if around.negations and "negated" in floors and _negated(around.tokens, span[0], rules):
        found.append("negated")
    for modifier, spans in around.places.items():
        if modifier in floors:
            held = _not_within(spans, around.events) if modifier == "framed" and kind.at_hand else spans
            if _reached(kind, modifier, span, held, around.tokens):
                found.append(modifier)
    return tuple(found)


def _reached(kind: Kind, modifier: str, span: Span, spans: Iterable[Span], tokens: Sequence[str]) -> bool:
    """Whether one of these places is near enough to modify."""
    reach = _REACH[modifier]
    start, end = span
    for other in spans:
        if (
            start - other[1] <= reach
            and other[0] - end <= reach
            and _may(kind, modifier, span, other, tokens)
        ):
            return True
    return False


def _not_within(spans: Sequence[Span], events: Sequence[Span]) -> Sequence[Span]:
    """The spans that are no part of an event."""
    return [one for one in spans if not any(begin <= one[0] and one[1] <= end for begin, end in events)]


def _may(kind: Kind, modifier: str, span: Span, other: Span, tokens: Sequence[str]) -> bool:
    """Whether a modifier may act across the end of a sentence: exaggeration and an overlapping saying may."""
    if modifier == "harmless" or (modifier == "hyper" and kind.band):
        return True
    return SENTENCE not in tokens[min(span[0], other[0]) : max(span[1], other[1])]


def _negated(tokens: Sequence[str], start: int, rules: RuleSet) -> bool:
    """Whether a negation stands shortly before; "cannot not", "can't stop", "nobody knows" negate nothing."""
    cues, low = rules.classes["neg"], max(start - REACH, 0)
    if cues.isdisjoint(tokens[low:start]):
        return False
    stops, pseudo = rules.classes["neg_stop"], rules.classes["neg_pseudo"]
    for at in range(start - 1, low - 1, -1):
        word = tokens[at]
        if word in BOUNDARIES or word in stops:
            return False
        if word in cues and pseudo.isdisjoint(tokens[at + 1 : min(at + 3, start)]):
            return not (at > 0 and tokens[at - 1] == word)
    return False
