"""Sayings: what stands in the gap of an everyday saying is no part of it, and stays a danger."""

from collections.abc import Iterable, Iterator

from triage import assess, default_rules
from triage.pattern import Part, Pattern

DANGERS = [
    "he raped her",
    "she took too many pills",
    "i cut myself every night",
    "he brought a gun to school",
    "he will shoot up the school",
    "she wants to kill herself",
    "my stepdad touches me",
    "he stabbed him with a knife",
    "there is a bomb under the stairs",
    "se tomó todas las pastillas",
    "mi padrastro me pega",
    "trae una pistola en la mochila",
]


def _sayings() -> list[Pattern]:
    entries = default_rules().lexicon.words.values()
    groups = [
        group
        for entry in entries
        for some in entry.phrases.values()
        for group in (some.short, *some.longer.values())
    ]
    phrases = [one for group in groups for one in group]
    starting = [one.first for one in entries] + [one.first for one in phrases]
    patterns = {needed[-1] for group in starting for needed in group}
    return sorted((one for one in patterns if one.kind == "harmless"), key=lambda one: one.source)


def _named(parts: Iterable[Part]) -> list[Part]:
    """The parts that must be there."""
    return [part for part in parts if not (part.refuse or part.edge or part.optional)]


def _woven(saying: Pattern, danger: str) -> Iterator[tuple[str, str]]:
    """What comes before the danger, and the whole text, for every gap into which the danger goes."""
    before, after = _named(saying.before)[::-1], _named(saying.after)
    words = [min(part.words) for part in before] + [min(saying.anchor)] + [min(part.words) for part in after]
    for at, part in enumerate(before + after, 1):
        if part.gap >= len(danger.split()):
            start = " ".join(words[:at])
            yield start, f"{start} {danger} {' '.join(words[at:])}"


def _taken_back(start: str, danger: str, text: str) -> bool:
    """Whether a saying takes back what was found within the danger."""
    low, high = len(start), len(start) + 1 + len(danger)
    return any(
        "harmless" in signal.modifiers and low < signal.start and signal.end <= high
        for signal in assess(text).signals
    )


def test_no_saying_takes_back_a_danger_that_stands_in_its_gap() -> None:
    hidden, tried = [], 0
    for saying in _sayings():
        own = saying.anchor.union(*(part.words for part in saying.before + saying.after))
        for danger in DANGERS:
            if own.isdisjoint(danger.split()):
                for start, text in _woven(saying, danger):
                    tried += 1
                    hidden += [(saying.rule, text)] if _taken_back(start, danger, text) else []
    assert tried > 500
    assert hidden == []
