"""Repair of unknown words: leet, elongation, censored letters and one slip of the finger, towards risk words only.

A repaired word is never a guess between common words: those are known and never come here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Known = Mapping[str, str | tuple[str, ...]]

SHORTEST = 5
_LEET = str.maketrans("013457@$!|", "oieastasil")
_LEET_L = str.maketrans("013457@$!|", "olea" + "stasll")
_DOSE = re.compile(
    r"^\d+(?:st|nd|rd|th|am|pm|mg|ml|g|kg|k|h|hr|hrs|s|min|mins|x|yo|yr|yrs|y|d|mm|cm|ft|lb|lbs|oz)?$"
)
_NUMBER = re.compile(
    r"(?:\d+(?:(?P<nth>st|nd|rd|th)|(?P<clock>am|pm|hs)|(?P<dose>mg|ml|g|kg|oz)|(?P<dur>h|hr|hrs|min|mins|s|d|x|k)?(?P<num>)))$"
)
_NUMBERS = {"nth": "0nth", "clock": "0clock", "dose": "0dose", "dur": "0num", "num": "0num"}
_RUN = re.compile(r"(.)\1+")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_MASK = re.compile(r"[*]+")


@dataclass(frozen=True, slots=True)
class Repair:
    """Finds the known word behind an unknown one; called once per unknown word, linear in its (bounded) length."""

    known: Known
    slips: Mapping[str, str]
    targets: frozenset[str]
    masked: Mapping[tuple[str, str, int], str]

    @classmethod
    def over(cls, known: Known, risk: Iterable[str]) -> "Repair":
        """Repair towards `risk` words, using all single deletions of each (SymSpell's idea)."""
        slips: dict[str, str] = {}
        masked: dict[tuple[str, str, int], str] = {}
        for word in sorted(risk):
            if " " in word or not word.isalpha():
                continue
            if len(word) >= SHORTEST:
                for cut in range(len(word)):
                    slips.setdefault(word[:cut] + word[cut + 1 :], word)
            if len(word) >= 4:
                masked.setdefault((word[0], word[-1], len(word)), word)
        return cls(known, slips, frozenset(slips.values()), masked)

    def __call__(self, word: str) -> str | tuple[str, ...] | None:
        if len(word) > 40:
            word = _LONG_RUN.sub(r"\1\1\1", word[:400])
            if len(word) > 40:
                return None
        if word[0].isdigit():
            number = _NUMBER.match(word)
            if number is not None:
                return _NUMBERS[number.lastgroup or "num"]
        return self._disguised(word) or self._elongated(word) or self._slipped(word)

    def _disguised(self, word: str) -> str | tuple[str, ...] | None:
        if word.isalpha() or _DOSE.match(word):
            return None
        if "'" in word:
            return self.known.get(word.replace("'", ""))
        if "*" in word:
            return self._masked(word)
        for table in (_LEET, _LEET_L):
            plain = word.translate(table)
            found = self.known.get(plain) or self._elongated(plain)
            if found is not None:
                return found
        return None

    def _masked(self, word: str) -> str | None:
        if not (word[0].isalpha() and word[-1].isalpha()):
            return None
        found = self.masked.get((word[0], word[-1], len(word)))
        if found is None:
            return None
        return found if all(a in ("*", b) for a, b in zip(word, found, strict=True)) else None

    def _elongated(self, word: str) -> str | tuple[str, ...] | None:
        if _LONG_RUN.search(word) is None:
            return None
        for replacement in (r"\1", r"\1\1"):
            found = self.known.get(_LONG_RUN.sub(replacement, word))
            if found is not None:
                return found
        return self.known.get(_RUN.sub(r"\1", word))

    def _slipped(self, word: str) -> str | None:
        """The risk word at one insertion, deletion, substitution or swap of neighbours, the first letter kept."""
        if len(word) < SHORTEST or not word.isalpha():
            return None
        found = self.slips.get(word)
        if found is not None and found[0] == word[0]:
            return found
        for cut in range(1, len(word)):
            shorter = word[:cut] + word[cut + 1 :]
            found = self.slips.get(shorter)
            if (
                found is not None
                and found[0] == word[0]
                and len(found) == len(word)
                and _one_slip(word, found)
            ):
                return found
            if shorter in self.targets:
                return shorter
        return None


def _one_slip(typed: str, meant: str) -> bool:
    differ = [i for i in range(len(typed)) if typed[i] != meant[i]]
    if len(differ) == 1:
        return True
    if len(differ) != 2 or differ[1] != differ[0] + 1:
        return False
    first, second = differ
    return typed[first] == meant[second] and typed[second] == meant[first]
