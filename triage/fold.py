"""Folding: one plain, lower-case, accent-free form of what was typed, with a map back to it.

Most texts fold character by character, so offsets stay equal; only rare characters pay for a map.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_ARABIC = str.maketrans(
    "\u0623\u0625\u0622\u0671\u0649\u0629\u0624\u0626", "\u0627\u0627\u0627\u0627\u064a\u0647\u0648\u064a"
)
_PUNCTUATION = {
    0x2018: "'",
    0x2019: "'",
    0x00B4: "'",
    0x0060: "'",
    0x02BC: "'",
    0x201C: '"',
    0x201D: '"',
    0x2013: "-",
    0x2014: ",",
    0x2026: ".",
    0x00BF: ".",
    0x00A1: ".",
    0x3002: ".",
    0xFF01: ".",
    0xFF1F: ".",
    0xFF0C: ",",
    0x3001: ",",
    0x061F: ".",
    0x060C: ",",
}
_UNDECOMPOSED = {"ø": "o", "ł": "l", "đ": "d", "ß": "s", "æ": "e", "œ": "e", "\u0131": "i"}


def _plain(char: str) -> str:
    if char in _UNDECOMPOSED:
        return _UNDECOMPOSED[char]
    decomposed = unicodedata.normalize("NFKD", char).lower()
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _table() -> dict[int, str]:
    """Characters that fold to exactly one other: Latin, Cyrillic, Arabic letters, punctuation."""
    ranges = (range(0xA0, 0x250), range(0x400, 0x460), range(0x1E00, 0x1F00))
    table: dict[int, str] = {}
    for code in (code for span in ranges for code in span):
        plain = _plain(chr(code))
        if len(plain) == 1 and plain != chr(code):
            table[code] = plain
    return table | _PUNCTUATION | {code: chr(int(to)) for code, to in _ARABIC.items()}


_TABLE = _table()
# Outside the blocks that fold one to one: width forms, mathematical letters, marks, format characters.
_RARE = re.compile(
    r"[^\x00-\u024f\u0400-\u045f\u0600-\u060c\u061f-\u064a\u066e-\u06d3\u1e00-\u1eff"
    r"\u2010-\u201f\u2026\u20ac\u2600-\u27bf\u3001\u3002\u3400-\u9fff\uff01\uff0c\uff1f\U0001f000-\U0001fbff]|[\u00ad\u0130]"
)


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# A table pays for itself only from so many different letters on.
FEW = 12


class Folded(NamedTuple):
    """Folded text; `offsets[i]` is where its character i began in the original, None when all are equal.

    `odd` has the characters beyond ASCII of the original, each once.
    """

    text: str
    offsets: Sequence[int] | None
    odd: str = ""

    def originals(self, spans: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
        """The spans of the original text that folded to these."""
        offsets = self.offsets
        if offsets is None:
            return spans
        return [(offsets[start], offsets[end - 1] + 1) for start, end in spans]


def fold(text: str) -> Folded:
    """Fold any string, lone surrogates and NULs included."""
    if text.isascii():
        return Folded(text.lower().replace("`", "'"), None)
    odd = "".join(set(_BEYOND_ASCII.findall(text)))
    if _RARE.search(odd) is None:
        folded = text.lower()
        for char in odd.lower() if len(odd) < FEW else ():
            folded = folded.replace(char, _TABLE.get(ord(char), char))
        folded = folded.replace("`", "'") if len(odd) < FEW else folded.translate(_TABLE)
        if len(folded) == len(text):
            return Folded(folded, None, odd)
    return _fold_with_map(text, odd)


def _fold_with_map(text: str, odd: str) -> Folded:
    plain = {char: _fold_char(char) for char in odd}
    out: list[str] = []
    offsets: list[int] = []
    done = 0
    for found in _BEYOND_ASCII.finditer(text):
        at, char = found.start(), plain[found[0]]
        out += (text[done:at].lower(), char)
        offsets += range(done, at)
        offsets += [at] * len(char)
        done = at + 1
    out.append(text[done:].lower())
    offsets += range(done, len(text))
    return Folded("".join(out), offsets, odd)


def _fold_char(char: str) -> str:
    known = _TABLE.get(ord(char))
    if known is not None:
        return known
    if unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return ""
    return _plain(char).translate(_TABLE)
