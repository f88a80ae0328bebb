"""Which language a text is in, and whether these rules can read it at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triage.ruleset import RuleSet

_SCRIPTS = (
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_LINK = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
CORE = ("en", "es", "pt", "fr", "ht", "vi", "tl")


@dataclass(frozen=True, slots=True)
class Reading:
    """`state` is read, foreign (real text, no rules) or unreadable (gibberish, a bare link)."""

    language: str
    state: Literal["read", "foreign", "unreadable"] = "read"

    @property
    def scored(self) -> bool:
        return self.state == "read"


def read_language(text: str, tokens: Sequence[str], rules: RuleSet) -> Reading:
    """The language by script and by its small words; English when nothing speaks against it."""
    if not text.isascii():
        for language, script in _SCRIPTS:
            if len(script.findall(text)) * 2 > len(text.replace(" ", "")):
                return Reading(language)
    present = set(tokens)
    scores = [
        (len(present & rules.classes.get(f"small_{language}", frozenset())), language) for language in CORE
    ]
    best = max(scores, key=lambda pair: pair[0])
    if best[0]:
        return Reading(best[1])
    if _LINK.fullmatch(text) or not any(char.isalpha() for char in text):
        return Reading("und", "unreadable")
    return Reading("en")
