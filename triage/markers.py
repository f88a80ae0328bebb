"""Words by which a language is known (`rules/common/languages.toml`)."""

import tomllib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from triage.compiling import RULES
from triage.fold import fold


@dataclass(frozen=True, slots=True)
class Markers:
    """Words by language, and languages by word; `words` are those of `languages`."""

    cores: Mapping[str, frozenset[str]]
    shared: Mapping[str, frozenset[str]]
    others: Mapping[str, frozenset[str]]
    languages: Mapping[str, tuple[str, ...]]
    sharing: Mapping[str, tuple[str, ...]]
    all_shared: AbstractSet[str]
    words: frozenset[str]

    def small(self, language: str) -> frozenset[str]:
        """The words a core's language shares with English or Spanish."""
        return self.shared.get(language, frozenset())


@cache
def markers() -> Markers:
    """The shipped words, read once."""
    data = tomllib.loads((RULES / "common" / "languages.toml").read_text(encoding="utf-8"))
    cores = {language: frozenset(block.split()) for language, block in data["markers"].items()}
    shared = {language: frozenset(block.split()) for language, block in data["shared"].items()}
    others = {language: frozenset(fold(block).text.split()) for language, block in data["others"].items()}
    languages, sharing = _by_word(cores | others), _by_word(shared)
    return Markers(cores, shared, others, languages, sharing, frozenset(sharing), frozenset(languages))


def _by_word(words: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, own in words.items():
        for word in own:
            found[word] = (*found.get(word, ()), language)
    return found
