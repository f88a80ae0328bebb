"""The lexicon of a rule set: what rules know of each word, one table a question."""

from collections.abc import Iterable, Mapping, Sequence
from sys import intern

from triage.pattern import Choices, Needed, Pattern, needed
from triage.ruleset import Entry, Join, Lexicon, Phrase, Phrases

_NO_PHRASES: Mapping[str, Phrases] = {}


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


def lexicon_of(words: Iterable[str], patterns: Iterable[Pattern], choices: Choices) -> Lexicon:
    """The tables of the words, phrases and fragments that patterns name."""
    first: dict[str, list[Needed]] = {}
    late: dict[str, list[Needed]] = {}
    for pattern in patterns:
        stage = late if "<" in pattern.source else first
        one = needed(pattern)
        for word in pattern.anchor:
            stage.setdefault(word, []).append(one)
    marks, starting = choices.marks(), _fixed(first)
    phrases = _phrases(words, marks, starting)
    entries = {
        word: Entry(marks.get(word, 0), starting.get(word, ()), phrases.get(word, _NO_PHRASES))
        for word in marks.keys() | starting.keys() | phrases.keys()
        if " " not in word
    }
    fragments = {word[1:-1]: word for word in words if word[0] == "<"}
    return Lexicon(entries, _fixed(late), fragments)


def _fixed(stage: Mapping[str, Sequence[Needed]]) -> dict[str, tuple[Needed, ...]]:
    return {word: tuple(found) for word, found in stage.items()}


def _phrases(
    words: Iterable[str], marks: Mapping[str, int], first: Mapping[str, tuple[Needed, ...]]
) -> dict[str, dict[str, Phrases]]:
    """The phrases by their first word and by their second."""
    found: dict[str, dict[str, list[Phrase]]] = {}
    for text in sorted(word for word in words if " " in word):
        one, two, *rest = map(intern, text.split(" "))
        phrase = Phrase(text, 2 + len(rest), tuple(rest), marks.get(text, 0), first.get(text, ()))
        found.setdefault(one, {}).setdefault(two, []).append(phrase)
    return {one: {two: _by_third(same) for two, same in by_two.items()} for one, by_two in found.items()}


def _by_third(phrases: Sequence[Phrase]) -> Phrases:
    short = tuple(phrase for phrase in phrases if not phrase.rest)
    longer: dict[str, tuple[Phrase, ...]] = {}
    for phrase in phrases:
        if phrase.rest:
            longer[phrase.rest[0]] = (*longer.get(phrase.rest[0], short), phrase)
    return Phrases(short, longer)
