"""Reads the evidence of rule files: what each cue is worth, and how many points a band needs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from sys import intern
from typing import Any

from triage.evidence import BITS, POINTS, Cue, Evidence, Word, pack

_LINE = re.compile(r"^.*\S.*$", re.MULTILINE)
# What a file that does not say so needs.
NEEDS = {"concern": 1, "danger": 1, "now": 1, "words": 1, "short": 0, "little": 0, "much": 0}


def compile_evidence(documents: Iterable[Mapping[str, Any]]) -> Evidence:
    """The evidence of rule files; a later file's line replaces an earlier one's.

    A line is `cue: danger now concern category+votes ...`.

    Raises:
        ValueError: a line is malformed, or votes for a category that `lean` does not name.
    """
    needs: Mapping[str, int] = {}
    lean: Mapping[str, int] = {}
    words: dict[str, Word] = {}
    for given in (document["evidence"] for document in documents if "evidence" in document):
        needs, lean = given.get("needs", needs), given.get("lean", lean)
        column = {category: BITS * at for at, category in enumerate(lean, POINTS)}
        told: dict[str, tuple[int, int]] = {}  # many lines say the same
        for found in _LINE.finditer(given.get("cues", "")):  # a list of all lines would take 4 MB
            name, _, rest = found[0].rpartition(":")
            if rest not in told:
                told[rest] = _told(rest, column)
            _add(name, Cue(*told[rest]), words)
    usual = {name: needs.get(name, least) for name, least in NEEDS.items()}
    usual["long"] = usual.pop("words")
    return Evidence(words, tuple(lean), pack(lean.values()) << BITS * POINTS, **usual)


def _add(name: str, cue: Cue, words: dict[str, Word]) -> None:
    """Make a cue known under its one or two words."""
    one, _, two = name.partition(" ")
    word = _word(one, words)
    if not two:
        word.cues = (cue,)
        return
    if not word.pairs:
        word.pairs = {}
    word.pairs[intern(two)] = cue


def _word(name: str, words: dict[str, Word]) -> Word:
    found = words.get(name)
    if found is None:
        found = words[name] = Word(intern(name))
    return found


def tell_concepts(words: dict[str, Word], concepts: Mapping[str, str]) -> None:
    """Tell the words of an evidence which concept stands for which word."""
    for name, concept in concepts.items():
        word = _word(name, words)
        word.concept = _word(concept, words)
        word.cues += word.concept.cues


def cues_of(words: Sequence[str], concepts: Mapping[str, str]) -> set[str]:
    """Every cue that a sentence may have, as a file names it."""
    told = [concepts.get(word, word) for word in words]
    return {
        *words,
        *told,
        *map(" ".join, chain(pairwise(words), pairwise(told), zip(told, told[2:], strict=False))),
    }


def concepts_of(
    documents: Iterable[Mapping[str, Any]], classes: Mapping[str, frozenset[str]]
) -> Mapping[str, str]:
    """The concept that stands for each word: the first class that has it, of those named in `concepts`.

    What somebody is (`identity`) stands for itself.

    Raises:
        ValueError: a class is named that no file has.
    """
    named = " ".join(document.get("evidence", {}).get("concepts", "") for document in documents).split()
    if missing := [name for name in named if name not in classes]:
        raise ValueError(f"no class {missing[0]!r}")
    found = {word: "@" + name for name in reversed(named) for word in classes[name] if " " not in word}
    for word in classes.get("identity", frozenset()) | classes.get("identity_colour", frozenset()):
        found.pop(word, None)
    return found


def _told(rest: str, column: Mapping[str, int]) -> tuple[int, int]:
    """What `danger now concern category+votes ...` says: its points towards danger, and all packed."""
    danger, now, concern, *votes = rest.split()
    packed = pack((int(danger), int(now), int(concern)))
    for vote in votes:
        sign = "-" if "-" in vote else "+"
        category, _, points = vote.partition(sign)
        if category not in column:
            raise ValueError(f"no category {category!r}")
        packed += int(sign + points) << column[category]
    return int(danger), packed
