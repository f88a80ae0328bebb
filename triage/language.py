"""Which language a text is in, which other rules may read it too, and whether any rules can read it at all.

By script, then by small words (`rules/common/languages.toml`); English when nothing speaks against it.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from triage import script
from triage.compiling import RULES
from triage.fold import fold
from triage.ruleset import RuleSet

CORES = ("pt", "fr", "ht", "vi", "zh", "ar", "tl", "ru")
# Without rules, a language is named only on this many of its words; one may be a name or a slip.
ENOUGH = 2
# So many small words settle the language.
MANY = 4
# Fewer unknown words than this may be names, slang or a slip of the hand.
FEW = 4
# A shorter word may be an abbreviation.
LONG = 5
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LINK = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
_KEYBOARD = re.compile(r"[qwrtpsdfghjklzxcvbnm]{5}|[asdfghjkl]{7}|[qwertyuiop]{7}|asdf|sdfg|qwer|zxcv|hjkl")


@dataclass(frozen=True, slots=True)
class Reading:
    """`state` is read, foreign (real text, no rules) or unreadable (gibberish, a bare link).

    `cores` are the languages whose crisis core must read the text as well; `mixed` says that English and
    Spanish rules may also speak.
    """

    language: str
    state: Literal["read", "foreign", "unreadable"] = "read"
    cores: tuple[str, ...] = ()
    mixed: bool = True

    @property
    def scored(self) -> bool:
        return self.state == "read"


@dataclass(frozen=True, slots=True)
class Markers:
    """Words by language; `all` is every such word, for one fast test."""

    cores: Mapping[str, frozenset[str]]
    shared: Mapping[str, frozenset[str]]
    others: Mapping[str, frozenset[str]]
    all: frozenset[str]

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
    return Markers(cores, shared, others, frozenset().union(*cores.values(), *others.values()))


def read_language(text: str, folded: str, tokens: Sequence[str], rules: RuleSet) -> Reading:
    """The reading of `text`; `folded` and `tokens` are the same text as the engine sees it."""
    if not script.only_latin(text):
        found = _by_script(text, folded)
        if found is not None:
            return found
    elif not script.vietnamese(text) and _plainly_english(set(tokens), rules):
        return Reading("en")
    words = set(_WORD.findall(folded))
    hits = words & markers().all
    if not hits and script.vietnamese(text) < ENOUGH:
        return _unmarked(text, words, tokens, rules)
    return _by_words(text, words, hits, set(tokens), rules)


def _plainly_english(present: set[str], rules: RuleSet) -> bool:
    """Whether most texts' short way may be taken: many small English words and no other marker."""
    english = len(present & rules.classes.get("small_en", frozenset()))
    return (
        english >= MANY
        and present.isdisjoint(markers().all)
        and english > 2 * len(present & rules.classes.get("small_es", frozenset()))
    )


def _by_script(text: str, folded: str) -> Reading | None:
    counts = script.counts(text)
    if not counts:
        return None
    cores = tuple(language for language in ("zh", "ar", "ru") if counts.get(language, 0) >= ENOUGH)
    if "ja" in counts:
        counts["ja"] += counts.pop("zh", 0)
    main = max(counts, key=lambda name: counts[name])
    if counts[main] * 2 <= sum(counts.values()):
        return None if not cores else Reading("en", cores=cores)
    if main == "latin":
        return Reading("en", cores=cores) if cores else None
    if main not in CORES or script.written_otherwise(main, text):
        return Reading(script.other_name(main, text), "foreign", cores)
    other = _other_cyrillic(folded) if main == "ru" else ""
    return Reading(other or main, "foreign" if other else "read", cores=(main,))


def _other_cyrillic(folded: str) -> str:
    """The Cyrillic language without rules whose words the text has, or nothing."""
    words = set(_WORD.findall(folded))
    return next((name for name in ("uk", "bg", "sr") if words & markers().others[name]), "")


def _by_words(text: str, words: set[str], hits: set[str], present: set[str], rules: RuleSet) -> Reading:
    known = markers()
    english, spanish = (rules.classes.get(f"small_{name}", frozenset()) for name in ("en", "es"))
    counted = (len(english & (words | present)), "en"), (len(spanish & (words | present)), "es")
    base = max(counted, key=lambda pair: pair[0])
    scores = {language: len(hits & own) for language, own in known.cores.items()}
    scores["vi"] += 2 * script.vietnamese(text)
    cores = tuple(language for language, score in scores.items() if score >= min(ENOUGH, len(words) // 2))
    core = max(scores, key=lambda language: scores[language] + len(words & known.small(language)) / MANY)
    other = max(known.others, key=lambda language: len(hits & known.others[language]))
    most = len(hits & known.others[other])
    if most >= min(ENOUGH, len(words)) and most > max(base[0], scores[core]):
        return Reading(other, "foreign", cores)
    shared = known.small(core)
    own_words = scores[core] + len(words & shared)
    if own_words < ENOUGH and len(words) >= FEW and not (base[0] or rules.known.keys() & words):
        return Reading("und", "foreign", cores)
    # A word that both languages write proves neither English nor the other; Spanish keeps its own count.
    if scores[core] > len(english & (words | present) - shared) and own_words > counted[1][0]:
        own = known.cores[core] | shared
        mixed = len(words & english - own) >= ENOUGH or len(words & spanish - own) >= ENOUGH
        return Reading(core, cores=(core,), mixed=mixed or core == "tl")
    return Reading(base[1] if base[0] else "en", cores=cores)


def _unmarked(text: str, words: set[str], tokens: Sequence[str], rules: RuleSet) -> Reading:
    if _LINK.fullmatch(text) or not words:
        return Reading("und", "unreadable")
    present = set(tokens)
    english = len(present & rules.classes.get("small_en", frozenset()))
    spanish = len(present & rules.classes.get("small_es", frozenset()))
    if english or spanish:
        return Reading("es" if spanish > english else "en")
    if any(token in rules.known and token[0].isalpha() for token in tokens):
        return Reading("en")
    if all(_mashed(word) for word in words):
        return Reading("und", "unreadable")
    return Reading("und", "foreign") if len(words) >= FEW else Reading("en")


def _mashed(word: str) -> bool:
    """Whether the letters look struck at random: long, and hardly a vowel or a row of the keyboard."""
    return len(word) >= LONG and (_KEYBOARD.search(word) is not None or not set(word) & set("aeiouy"))
