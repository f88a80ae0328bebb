"""Repair of unknown words: leet, long runs, masked letters, clipped endings, spelling by ear, one slip.

Repairs lead only to words that rules know. Everyday words near them are known too (`near`),
so that none is bent into danger.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

Known = Mapping[str, str | tuple[str, ...]]

SHORTEST = 5
SHORTEST_SWAP = 4
LONGEST = 40
# Of more words nearly every other shares a half with one, so that halves tell nothing.
FEW = 1_000
_LEET = str.maketrans("013457@$!|89", "oieastasilbg")
_LEET_L = str.maketrans("013457@$!|89", "oleastasllbg")
_NUMBER = re.compile(
    r"\d+(?:(?P<nth>st|nd|rd|th)|(?P<clock>am|pm|hs)|(?P<dose>mg|ml|g|kg|oz|lbs?)|(?:h|hrs?|mins?|s|d|x|k|yo|yrs?|w|ft|cm|mm)?)$"
)
_RUN = re.compile(r"(.)\1+")
_LONG_RUN = re.compile(r"(.)\1{2,}")
# In their order, behind the letter without which there is nothing to do.
_BY_EAR = (
    ("q", (("qu", "k"),)),
    ("c", (("ce", "se"), ("ci", "si"), ("ch", "#"), ("c", "k"))),
    ("g", (("ge", "je"), ("gi", "ji"), ("gue", "ge"), ("gui", "gi"))),
    ("l", (("ll", "y"),)),
    ("z", (("z", "s"),)),
    ("v", (("v", "b"),)),
    ("h", (("h", ""),)),
    ("w", (("w", "gu"),)),
)


def by_ear(word: str) -> str:
    """How a Spanish word sounds: one spelling for b/v, c/s/z, ll/y, k/qu, silent h."""
    for letter, sounds in _BY_EAR:
        if letter in word:
            for spelled, sound in sounds:
                word = word.replace(spelled, sound)
    return word


@dataclass(frozen=True, slots=True)
class Repair:
    """Finds the known word behind an unknown one, in time linear in its (bounded) length.

    `slips` has the risk words by themselves and by what is left when one of their letters is missing. Where
    the words that a slip may lead to are few, `halves` has their beginnings and ends: one half is as meant.
    """

    known: Known
    slips: Mapping[str, str]
    masked: Mapping[tuple[str, str, int], str]
    sounds: Mapping[str, str]
    swaps: frozenset[str]
    halves: tuple[frozenset[str], frozenset[str]] | None

    @classmethod
    def over(
        cls, known: Known, risk: Iterable[str], words: Iterable[str], small: Iterable[str] = ()
    ) -> "Repair":
        """Repair towards `risk` words by one slip (SymSpell's deletions), towards `words` by ear.

        Of `small` words only swapped letters are put right.
        """
        slips: dict[str, str] = {}
        masked: dict[tuple[str, str, int], str] = {}
        for word in sorted(risk):
            if len(word) >= SHORTEST:
                for cut in range(len(word)):
                    slips.setdefault(word[:cut] + word[cut + 1 :], word)
            masked.setdefault((word[0], word[-1], len(word)), word)
        slips |= {word: word for word in slips.values()}
        sounds = {by_ear(word): word for word in sorted(words, reverse=True) if len(word) >= SHORTEST}
        swaps = frozenset(word for word in {*risk, *small} if len(word) >= SHORTEST_SWAP and word.isalpha())
        halves = _halves(chain(swaps, slips.values())) if len(swaps) <= FEW else None
        return cls(known, slips, masked, sounds, swaps, halves)

    def __call__(self, word: str) -> str | tuple[str, ...] | None:
        """The known word or words meant, or None."""
        if word[0].isdigit():
            number = _NUMBER.match(word)
            if number is not None:
                return f"0{number.lastgroup or 'num'}"
        if len(word) > LONGEST:
            word = _LONG_RUN.sub(r"\1\1\1", word[: LONGEST * 10])
            if len(word) > LONGEST:
                return None
        if not word.isalpha():
            return self._disguised(word)
        found = self._elongated(word) or self._clipped(word) or self.sounds.get(by_ear(word))
        if found is not None or self._is_far(word):
            return found
        return self._swapped(word) or self._slipped(word)

    def _is_far(self, word: str) -> bool:
        """Whether no slip could have made the word, as neither half begins or ends one that may be meant."""
        if self.halves is None:
            return False
        begins, ends = self.halves
        half = len(word) // 2
        return word[:half] not in begins and word[half + 1 :] not in ends

    def _disguised(self, word: str) -> str | tuple[str, ...] | None:
        if "'" in word:
            plain = word.replace("'", "")
            return self.known.get(plain) or self._clipped(plain)
        if "*" in word:
            return self._masked(word)
        for table in (_LEET, _LEET_L):
            plain = word.translate(table)
            found = self.known.get(plain) or self._elongated(plain)
            if found is not None:
                return found
        return None

    def _masked(self, word: str) -> str | None:
        found = self.masked.get((word[0], word[-1], len(word)))
        if found is None or word.count("*") > len(word) // 2:
            return None
        return found if all(a in ("*", b) for a, b in zip(word, found, strict=True)) else None

    def _elongated(self, word: str) -> str | tuple[str, ...] | None:
        """The word with long runs shortened to one or two letters."""
        if len(set(word)) >= len(word) - 1 or _LONG_RUN.search(word) is None:
            return self.known.get(word[:-1]) if word[-1] == word[-2:-1] else None
        for replacement in (r"\1", r"\1\1"):
            short = _LONG_RUN.sub(replacement, word)
            found = self.known.get(short) or self._clipped(short) or self.sounds.get(by_ear(short))
            if found is not None:
                return found
        return self.known.get(_RUN.sub(r"\1", word))

    def _clipped(self, word: str) -> str | tuple[str, ...] | None:
        """Restore the ending: "doin" is doing, "killn" is killing."""
        if len(word) < SHORTEST or word[-1] != "n":
            return None
        return self.known.get(word + "g") if word[-2] == "i" else self.known.get(word[:-1] + "ing")

    def _swapped(self, word: str) -> str | tuple[str, ...] | None:
        """The word of danger or small word of which two neighbouring letters changed places."""
        if len(word) >= SHORTEST_SWAP:
            for at in range(1, len(word) - 1):
                other = f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}"
                if other in self.swaps:
                    return self.known.get(other, other)
        return None

    def _slipped(self, word: str) -> str | None:
        """The risk word at one insertion, deletion, substitution or swap, the first letter kept."""
        if len(word) < SHORTEST:
            return None
        found = self.slips.get(word)
        if found is not None and found[0] == word[0]:
            return found
        shorts = [word[:cut] + word[cut + 1 :] for cut in range(1, len(word))]
        for shorter in shorts if not self.slips.keys().isdisjoint(shorts) else ():
            found = self.slips.get(shorter)
            if found is None:
                continue
            if found == shorter:
                return found
            if found[0] == word[0] and len(found) == len(word) and _one_slip(word, found):
                return found
        return None


def _halves(words: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What stands before or after the middle letter of a word with one slip, if that is in the other half."""
    begins, ends = set(), set()
    for word in words:
        size = len(word)
        for typed in (size - 1, size, size + 1):
            begins.add(word[: typed // 2])
            ends.add(word[size - (typed - typed // 2 - 1) :])
    return frozenset(begins), frozenset(ends)


def _one_slip(typed: str, meant: str) -> bool:
    differ = [place for place in range(len(typed)) if typed[place] != meant[place]]
    if len(differ) == 1:
        return True
    if len(differ) != 2 or differ[1] != differ[0] + 1:  # noqa: PLR2004  # two neighbours swapped
        return False
    first, second = differ
    return typed[first] == meant[second] and typed[second] == meant[first]
