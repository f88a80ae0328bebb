"""Words of rule files: classes, inflections, and the expansions of slang and contractions.

Each word is one object wherever it is named, so that tables are small and a word is found by its identity.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from sys import intern
from typing import Any

from triage import inflect
from triage.errors import RuleFileError
from triage.fold import fold
from triage.repair import Known

HAN = re.compile(r"[\u3400-\u9fff]")
_INCLUDE = re.compile(r"(?<!\S)\+(\w+)")


def words_of(block: str, expansions: Known) -> list[str]:
    """Entries of a word block: split by white space, "_" joins a phrase; folded and expanded like a text."""
    folded = HAN.sub(r"_\g<0>_", fold(block).text)
    return [_joined(entry, expansions) for entry in folded.split()]


def canonical(entry: str, expansions: Known) -> str:
    """One word or phrase as it looks after folding and expansion."""
    return expanded(fold(entry).text, expansions)


def expanded(folded: str, expansions: Known) -> str:
    """The same of what is folded already."""
    return _joined(folded if folded.isascii() else HAN.sub(r"_\g<0>_", folded), expansions)


def _joined(entry: str, expansions: Known) -> str:
    if "_" not in entry:
        found = expansions.get(entry, entry)
        return intern(found if isinstance(found, str) else " ".join(found))
    pieces: list[str] = []
    for piece in filter(None, entry.split("_")):
        value = expansions.get(piece, piece)
        pieces.extend((value,) if isinstance(value, str) else value)
    return intern(" ".join(pieces))


def classes_of(documents: Iterable[Mapping[str, Any]], expansions: Known) -> dict[str, frozenset[str]]:
    """Named sets of words; verbs are inflected, `+other` takes in another class, `drop` takes words out."""
    found: dict[str, set[str]] = {}
    includes: dict[str, set[str]] = {}
    for document in documents:
        for name, block in document.get("classes", {}).items():
            includes.setdefault(name, set()).update(_INCLUDE.findall(block))
            found.setdefault(name, set()).update(words_of(_INCLUDE.sub("", block), expansions))
        for name, group, form in _verbs(document):
            word = expanded(form, expansions)
            found.setdefault(name, set()).add(word)
            found.setdefault(f"{name}.{group}", set()).add(word)
    for document in documents:
        for name, block in document.get("drop", {}).items():
            for target in (key for key in found if key == name or key.startswith(name + ".")):
                found[target] -= set(words_of(block, expansions))
    return {name: frozenset(_closure(name, found, includes, set())) for name in found}


def _verbs(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(class, group, form) of every form, which is in the class and in that of its group ("kill.ing")."""
    for language, verbs in document.get("verbs", {}).items():
        for name, block in verbs.items():
            for group, form in inflect.forms(language, fold(block).text.split()):
                yield name, group, form


def _closure(
    name: str, found: Mapping[str, set[str]], includes: Mapping[str, set[str]], seen: set[str]
) -> set[str]:
    if name in seen:
        return set()
    seen.add(name)
    if name not in found:
        raise RuleFileError(f"no class @{name}")
    out = set(found[name])
    for other in includes.get(name, ()):
        out |= _closure(other, found, includes, seen)
    return out


def expansions_of(documents: Iterable[Mapping[str, Any]]) -> dict[str, str | tuple[str, ...]]:
    out: dict[str, str | tuple[str, ...]] = {}
    for document in documents:
        for block in document.get("expand", {}).values():
            for entry in block.split():
                short, _, long = entry.partition("=")
                pieces = tuple(intern(piece) for piece in fold(long).text.split("_") if piece)
                out[fold(short).text] = pieces[0] if len(pieces) == 1 else pieces
    return out
