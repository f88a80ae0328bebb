"""How many texts the carrier will make of one reply. Lengths as in 3GPP TS 23.038 (GSM 7-bit and UCS-2)."""

from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("^{}\\[~]|€\f")
_GSM: Final = (160, 153)
_UCS2: Final = (70, 67)


def segments(text: str) -> int:
    """Texts needed for ``text``: 160 plain characters in one, 153 in each of several; 70 and 67 with others.

    One character outside the plain set (a curly quote, most accents) changes the count for all.
    """
    if _BASIC.union(_EXTENDED).issuperset(text):
        return _count(sum(2 if letter in _EXTENDED else 1 for letter in text), _GSM)
    return _count(len(text.encode("utf-16-be")) // 2, _UCS2)


def _count(length: int, limits: tuple[int, int]) -> int:
    alone, joined = limits
    return 1 if length <= alone else -(-length // joined)
