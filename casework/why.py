"""Why a message was given its band: the sealed assessment, made readable beside the reporter's own words.

Rule names come from triage; the words for bands, categories and modifiers are in templates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casework.highlight import Piece, pieces
from triage import Assessment, Signal, Urgency
from triage.errors import AssessmentFormatError


@dataclass(frozen=True, slots=True)
class Mark:
    """One signal, numbered as in the text; ``quote`` is the stretch that gave it."""

    number: int
    gloss: str
    quote: str
    modifiers: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Why:
    """``reason`` is the gloss or name of what gave the band, ``raise_by`` what would have raised it."""

    urgency: Urgency
    wakes: bool
    scored: bool
    mentions_staff: bool
    reason: str
    categories: tuple[str, ...]
    subject: str
    language: str
    roles: tuple[str, ...]
    marks: tuple[Mark, ...]
    raise_by: tuple[str, ...]


def explain(text: str, assessment: Mapping[str, object] | None) -> tuple[tuple[Piece, ...], Why | None]:
    """``text`` in pieces to be marked, and why it was scored so; None when no assessment can be read."""
    found = _read(assessment)
    if found is None:
        return pieces(text, ()), None
    signals = _merged(found.signals)
    spans = [(signal.start, signal.end) for signal in signals]
    return pieces(text, spans), _why(text, found, signals)


def highest(urgency: str, whys: Iterable[Why | None]) -> str:
    """The most urgent of the clear band and the sealed ones: whoever lowers the clear one hides nothing."""
    bands = [why.urgency for why in whys if why is not None]
    known = {band.value: band for band in Urgency}
    # A word that is no band was written by hand: the case is shown, and as the worst.
    return Urgency.highest(known.get(urgency, Urgency.IMMEDIATE), *bands).value


def _read(assessment: Mapping[str, object] | None) -> Assessment | None:
    try:
        return None if assessment is None else Assessment.from_json(assessment)
    except AssessmentFormatError:
        return None


def _why(text: str, found: Assessment, signals: Sequence[Signal]) -> Why:
    return Why(
        urgency=found.urgency,
        wakes=found.wakes,
        scored=found.scored,
        mentions_staff=found.mentions_staff,
        reason=_reason(found),
        categories=found.categories,
        subject=found.subject,
        language=found.language,
        roles=found.roles,
        marks=tuple(_mark(number, text, signal) for number, signal in enumerate(signals, start=1)),
        raise_by=tuple(_spoken(name) for name in found.raise_by),
    )


def _merged(signals: Iterable[Signal]) -> list[Signal]:
    """In the order of the text; what several patterns of one kind found in one place is one signal."""
    merged: list[Signal] = []
    for signal in sorted(signals, key=lambda one: (one.start, one.end)):
        last = next((one for one in reversed(merged) if _is_same(one, signal)), None)
        if last is None:
            merged.append(signal)
        else:
            merged[merged.index(last)] = last._replace(end=max(last.end, signal.end))
    return merged


def _is_same(earlier: Signal, later: Signal) -> bool:
    of_one_kind = (earlier.kind, earlier.modifiers) == (later.kind, later.modifiers)
    return of_one_kind and later.start < earlier.end


def _mark(number: int, text: str, signal: Signal) -> Mark:
    return Mark(
        number=number,
        gloss=signal.gloss or _spoken(signal.kind),
        quote=text[max(0, signal.start) : signal.end],
        modifiers=signal.modifiers,
        rule=signal.rule,
    )


def _reason(found: Assessment) -> str:
    """``why`` names a kind of signal, which has a gloss, or a composition, which reads as words."""
    glosses = {signal.kind: signal.gloss for signal in found.signals if signal.gloss}
    kind, _, modifiers = found.why.partition(" ")
    return f"{glosses[kind]} {modifiers}".strip() if kind in glosses else _spoken(found.why)


def _spoken(name: str) -> str:
    return name.replace("_", " ")
