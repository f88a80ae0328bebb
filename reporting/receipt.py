"""The receipt: six words (or 24 digits) with which a reporter, and nobody else, comes back to a thread.

It is derived from a form's nonce and never stored; the stored lookup id leads nowhere without the pepper.
"""

import hashlib
import hmac
import re
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from vault.kem import PrivateKey

WORDS_FILE = Path(__file__).parent / "data" / "eff_long_words.txt"
WORDS = tuple(WORDS_FILE.read_text(encoding="ascii").split())
LENGTH = 6
DIGITS_PER_WORD = 4
_TWO_BYTES_EACH = struct.Struct(f">{LENGTH}H")

_NUMBERS = {word: number for number, word in enumerate(WORDS)}
_PAIRS = {tuple(word.split("-")): word for word in WORDS if "-" in word}


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """Six places in the EFF long word list: log2(7776 ** 6) = 77.5 bits."""

    numbers: tuple[int, ...]

    @classmethod
    def from_nonce(cls, form_secret: bytes, nonce: bytes) -> Self:
        """The one receipt of a form: the same for a repeated post, unknowable without the form secret."""
        value = int.from_bytes(hmac.digest(form_secret, b"tipline receipt\0" + nonce, hashlib.sha512), "big")
        numbers = []
        for _ in range(LENGTH):
            value, number = divmod(value, len(WORDS))
            numbers.append(number)
        return cls(tuple(numbers))

    @classmethod
    def read(cls, typed: str) -> Self | None:
        """What a person typed, in words or digits: case, spaces, commas and hyphens do not matter."""
        folded = typed.lower() if typed.isascii() else _folded(typed)
        numbers = _from_words(folded) or _from_digits(folded)
        return None if numbers is None else cls(numbers)

    @property
    def words(self) -> str:
        return " ".join(WORDS[number] for number in self.numbers)

    @property
    def digits(self) -> str:
        """The same receipt without letters, in six groups of four."""
        return " ".join(f"{number:0{DIGITS_PER_WORD}}" for number in self.numbers)

    def encode(self) -> bytes:
        """12 bytes, for deriving and for the sealed token."""
        return _TWO_BYTES_EACH.pack(*self.numbers)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        return cls(_TWO_BYTES_EACH.unpack(data))


def lookup_id(pepper: bytes, receipt: Receipt) -> str:
    """What the database knows a receipt by: 128 bits in hexadecimal, useless without the pepper."""
    return _derive(pepper, receipt, b"lookup")[:16].hex()


def reporter_keys(pepper: bytes, receipt: Receipt) -> PrivateKey:
    """The key pair that this receipt opens its thread with."""
    return PrivateKey.from_seed(_derive(pepper, receipt, b"reporter key"))


def _derive(pepper: bytes, receipt: Receipt, purpose: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869), one block; no slow hash is needed at 77.5 bits behind a secret pepper."""
    extracted = hmac.digest(pepper, receipt.encode(), hashlib.sha256)
    return hmac.digest(extracted, b"tipline receipt " + purpose + b"\x01", hashlib.sha256)


def _folded(typed: str) -> str:
    whole = unicodedata.normalize("NFKD", typed).casefold()
    return "".join(sign for sign in whole if not unicodedata.combining(sign))


def _from_words(folded: str) -> tuple[int, ...] | None:
    tokens = re.findall(r"[a-z]+", folded)
    at = 0
    while len(tokens) > LENGTH and at < len(tokens) - 1:
        # The list has four words with a hyphen; a hyphen between words must not matter.
        pair = _PAIRS.get((tokens[at], tokens[at + 1]))
        if pair is not None:
            tokens[at : at + 2] = [pair]
        at += 1
    numbers = tuple(_NUMBERS.get(token, -1) for token in tokens)
    return numbers if len(numbers) == LENGTH and min(numbers) >= 0 else None


def _from_digits(folded: str) -> tuple[int, ...] | None:
    values = (unicodedata.digit(sign, None) for sign in folded)
    digits = "".join(str(value) for value in values if value is not None)
    if len(digits) != LENGTH * DIGITS_PER_WORD:
        return None
    groups = range(0, len(digits), DIGITS_PER_WORD)
    numbers = tuple(int(digits[at : at + DIGITS_PER_WORD]) for at in groups)
    return numbers if max(numbers) < len(WORDS) else None
