"""Vietnamese letters kept apart: folding would make one word of "từ từ" (slowly) and "tự tử" (suicide).

Each accented letter becomes one stand-in letter that folding leaves alone, so places in the text stay equal.
A rule's word also matches when typed without any accent, unless the file lists it as `strict`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

_BASES = (*"aeiouy", "\u0103", "\u00e2", "\u00ea", "\u00f4", "\u01a1", "\u01b0")
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_LETTERS = [
    letter
    for base in _BASES
    for tone in _TONES
    if not (letter := unicodedata.normalize("NFC", base + tone)).isascii()
] + ["\u0111"]
# Ethiopic letters: a letter each, never changed by folding, and no rules read their own language.
_FIRST = 0x1200
_STAND_INS = {ord(letter): chr(_FIRST + number) for number, letter in enumerate(_LETTERS)}
_TO_STAND_INS = _STAND_INS | {
    ord(letter.upper()): _STAND_INS[ord(letter)] for letter in _LETTERS if len(letter.upper()) == 1
}


def _bare_letter(letter: str) -> str:
    return "d" if letter == "\u0111" else unicodedata.normalize("NFD", letter)[0]


_TO_BARE = {_FIRST + number: _bare_letter(letter) for number, letter in enumerate(_LETTERS)}
_ACCENTED = re.compile(rf"\w*[{chr(_FIRST)}-{chr(_FIRST + len(_LETTERS) - 1)}]\w*")


def encode(text: str) -> str:
    """`text` with stand-in letters, of the same length (letters with loose accents fold to bare ones)."""
    return text.translate(_TO_STAND_INS)


def prepared(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rule document whose words also match as typed without accents."""
    classes = document.get("classes", {})
    strict = frozenset(classes.get("strict", "").split())

    def widened(joiner: str, block: str) -> str:
        return _ACCENTED.sub(lambda match: joiner.join(_spellings(match[0], strict)), block)

    return {
        **document,
        "classes": {name: widened(" ", block) for name, block in classes.items()},
        "rule": [{**rule, "patterns": widened("|", rule["patterns"])} for rule in document.get("rule", ())],
    }


def _spellings(entry: str, strict: Iterable[str]) -> list[str]:
    """The entry as written, then with some or all of its words bare (of long phrases only all)."""
    if entry in strict:
        return [entry]
    pieces = entry.split("_")
    choices = [(piece,) if piece in strict else (piece, piece.translate(_TO_BARE)) for piece in pieces]
    if len(pieces) > 2:  # noqa: PLR2004  # longer phrases would give too many spellings
        return [entry, "_".join(choice[-1] for choice in choices)]
    return list(dict.fromkeys("_".join(chosen) for chosen in product(*choices)))
