"""The lexicon of a rule set: what rules know of each word, so that matching looks every word up once."""

from collections.abc import Iterable, Mapping

from triage.pattern import Choices, Pattern
from triage.ruleset import Entry, Join

Needed = tuple[tuple[int, Pattern], ...]
Phrases = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]


def vocabulary(patterns: Iterable[Pattern]) -> set[str]:
    """Every word, phrase and fragment that a pattern names."""
    sets: set[frozenset[str]] = set()
    for pattern in patterns:
        sets.add(pattern.anchor)
        sets.update(part.words for part in (*pattern.before, *pattern.after))
    return set().union(*sets)


def parts_of(joins: Mapping[str, Iterable[Join]]) -> Iterable[Pattern]:
    """The patterns that joins look for beside their rarest part."""
    return (part for found in joins.values() for join in found for part in join.others)


def entries(words: Iterable[str], patterns: Iterable[Pattern], choices: Choices) -> dict[str, Entry]:
    """The entry of every phrase, fragment and word that can begin, be needed by or anchor something."""
    several = {word for word in words if " " in word or word[0] == "<"}
    marks, phrases = choices.marks(), _phrases(several)
    first: dict[str, list[tuple[int, Pattern]]] = {}
    late: dict[str, list[tuple[int, Pattern]]] = {}
    for pattern in patterns:
        stage = late if "<" in pattern.source else first
        needed = (pattern.need, pattern)
        for word in pattern.anchor:
            stage.setdefault(word, []).append(needed)
    return {
        word: Entry(
            marks.get(word, 0), phrases.get(word), tuple(first.get(word, ())), tuple(late.get(word, ()))
        )
        for word in marks.keys() | phrases.keys() | first.keys() | late.keys() | several
    }


def _phrases(words: Iterable[str]) -> dict[str, Phrases]:
    """The phrases by their first and second word."""
    heads: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {}
    for phrase in sorted(word for word in words if " " in word):
        pieces = tuple(phrase.split(" "))
        heads.setdefault(pieces[0], {}).setdefault(pieces[1], []).append((pieces, phrase))
    return {first: {second: tuple(found) for second, found in rest.items()} for first, rest in heads.items()}
