"""Which language a text is in, which other rules may read it too, and whether any rules can read it at all.

By script, then by small words (`rules/common/languages.toml`); English when nothing speaks against it.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, NamedTuple

from triage import script
from triage.fold import Folded
from triage.markers import markers
from triage.ruleset import RuleSet
from triage.words import Words

CORES = ("pt", "fr", "ht", "vi", "zh", "ar", "tl", "ru")
# Without rules, a language is named only on this many of its words; one may be a name or a slip.
ENOUGH = 2
# So many small words settle the language.
MANY = 4
# Fewer unknown words than this may be names, slang or a slip of the hand.
FEW = 4
# So many unknown words are a language, even without a letter that English lacks.
SURE = 7
# A shorter word may be an abbreviation.
LONG = 5
_EMPTY: frozenset[str] = frozenset()
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_WORD_ASCII = re.compile(r"[a-z]+(?:'[a-z]+)*")
_LINK = re.compile(r"\s*(?:https?://|www\.)\S+\s*", re.IGNORECASE)
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


_ENGLISH, _SPANISH = Reading("en"), Reading("es")


class Seen(NamedTuple):
    """What of a text tells its language: `accents` counts the letters that only Vietnamese writes."""

    text: str
    odd: str
    accents: int
    words: AbstractSet[str]
    present: AbstractSet[str]
    rules: RuleSet

    def small(self, name: str) -> AbstractSet[str]:
        """Its words, as typed or as the engine sees them, that are in a class."""
        wanted = _class(name, self.rules)
        return (wanted & self.words) | (wanted & self.present)


def read_language(
    text: str, folded: Folded, line: Words, present: AbstractSet[str], rules: RuleSet
) -> Reading:
    """The reading of `text`, given the same as the engine sees it: folded, split, its tokens `present`."""
    latin = script.only_latin(folded.odd)
    if not latin:
        found = _by_script(text, folded.text)
        if found is not None:
            return found
    accents = script.vietnamese(text, folded.odd)
    if latin and not accents and _plainly_english(present, rules):
        return _ENGLISH
    words = _words_of(line) if latin and line.folded is folded.text else _found_words(folded.text)
    hits = words & markers().words
    seen = Seen(text, folded.odd, accents, words, present, rules)
    if not hits and accents < ENOUGH:
        return _unmarked(seen)
    return _unmistaken(seen, hits) or _by_words(seen, hits)


def _found_words(folded: str) -> set[str]:
    return set((_WORD_ASCII if folded.isascii() else _WORD).findall(folded))


def _words_of(line: Words) -> set[str]:
    """The same of a text that is split already: only what has signs or digits needs another look."""
    chunks = set(line.chunks)
    words = set(filter(str.isalpha, chunks))
    return words | _found_words(" ".join(chunks - words))


def _class(name: str, rules: RuleSet) -> frozenset[str]:
    return rules.classes.get(name, _EMPTY)


def _plainly_english(present: AbstractSet[str], rules: RuleSet) -> bool:
    """Whether most texts' short way may be taken: many small English words and no other marker."""
    english = len(present & _class("small_en", rules))
    return (
        english >= MANY
        and markers().words.isdisjoint(present)
        and english > 2 * len(present & _class("small_es", rules))
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


def _unmistaken(seen: Seen, hits: AbstractSet[str]) -> Reading | None:
    """English or Spanish: no other language has two words, and English has one that it shares with none."""
    known = markers()
    named = [language for word in hits for language in known.languages[word]]
    if seen.accents or len(seen.words) < FEW or len(set(named)) < len(named):
        return None
    english = seen.small("small_en")
    if english <= known.all_shared:
        return None
    return _SPANISH if len(seen.small("small_es")) > len(english) else _ENGLISH


def _by_words(seen: Seen, hits: AbstractSet[str]) -> Reading:
    known = markers()
    words, english, spanish = seen.words, seen.small("small_en"), seen.small("small_es")
    base = (len(spanish), "es") if len(spanish) > len(english) else (len(english), "en")
    scores = _counted(known.cores, hits, known.languages)
    scores["vi"] += 2 * seen.accents
    borrowed = _counted(known.cores, words & known.sharing.keys(), known.sharing)
    enough = min(ENOUGH, len(words) // 2)
    cores = tuple([language for language, score in scores.items() if score >= enough])
    leaning = {language: score + borrowed[language] / MANY for language, score in scores.items()}
    core = max(leaning, key=leaning.__getitem__)
    others = _counted(known.others, hits, known.languages)
    other = max(others, key=others.__getitem__)
    most = others[other]
    if most >= min(ENOUGH, len(words)) and most > max(base[0], scores[core]) and _may_tell(words):
        return Reading(other, "foreign", cores)
    shared = known.small(core)
    own_words = scores[core] + borrowed[core]
    if own_words < ENOUGH and len(words) >= FEW and not (base[0] or seen.rules.known.keys() & words):
        return _unplaced(seen, cores)
    # A word that both languages write proves neither English nor the other; Spanish keeps its own count.
    if scores[core] > len(english - shared) and own_words > len(spanish):
        own = known.cores[core] | shared
        mixed = len(words & english - own) >= ENOUGH or len(words & spanish - own) >= ENOUGH
        return Reading(core, cores=(core,), mixed=mixed or core == "tl")
    # Plain Spanish has words of its neighbours by chance; they read it too where they have half as many.
    near = tuple([language for language in cores if 2 * scores[language] >= len(spanish)])
    return Reading(base[1] if base[0] else "en", cores=near)


def _may_tell(words: AbstractSet[str]) -> bool:
    """Whether words may be of a language without rules: one short word may be an abbreviation ("ty")."""
    return len(words) > 1 or len(min(words)) >= LONG


def _counted(
    languages: Iterable[str], words: Iterable[str], by_word: Mapping[str, tuple[str, ...]]
) -> dict[str, int]:
    """How many of the words each of the languages has."""
    found = dict.fromkeys(languages, 0)
    for word in words:
        for language in by_word[word]:
            if language in found:
                found[language] += 1
    return found


def _unmarked(seen: Seen) -> Reading:
    words, present, rules = seen.words, seen.present, seen.rules
    if _LINK.fullmatch(seen.text) or not words:
        return Reading("und", "unreadable")
    english = len(present & _class("small_en", rules))
    spanish = len(present & _class("small_es", rules))
    if english or spanish:
        return Reading("es" if spanish > english else "en")
    known = sum(token in rules.known and token[0].isalpha() for token in present)
    if known > 1 or (known and len(words) < SURE):  # one of many words may be a chance
        return Reading("en")
    if all(_mashed(word) for word in words):
        return Reading("und", "unreadable")
    return _unplaced(seen) if len(words) >= FEW else Reading("en")


def _unplaced(seen: Seen, cores: tuple[str, ...] = ()) -> Reading:
    """Words of no language known here: another language, or a few names that prove nothing."""
    plain = not seen.odd and len(seen.words) < SURE
    return Reading("und", "unreadable" if plain else "foreign", cores)


def _mashed(word: str) -> bool:
    """Whether the letters look struck at random: long, and hardly a vowel or a row of the keyboard."""
    return len(word) >= LONG and (_KEYBOARD.search(word) is not None or not set(word) & set("aeiouy"))
