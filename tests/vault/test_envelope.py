"""Envelopes: padded, bound to their place, and never openable under two keys."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from vault import envelope
from vault.errors import CannotOpenError
from vault.place import HEADER, Kind, Place

KEY = b"\x07" * 32
PLACE = Place(
    Kind.MESSAGE_BODY, install="i", school="north", report="r", message="m", author="reporter", seq=3
)
SEALED = envelope.seal_text(KEY, PLACE, b"somebody is alone at lunch every day")


@given(st.binary(max_size=5000))
def test_padding_comes_off_again(text: bytes) -> None:
    padded = envelope.pad(text)
    assert envelope.unpad(padded) == text
    assert len(padded) >= envelope.SMALLEST


@given(st.integers(1, 10**7))
def test_padded_lengths_are_few_and_at_most_an_eighth_over(length: int) -> None:
    padded = envelope.padded_length(length)
    assert padded >= max(length, 1024)
    assert padded == 1024 or padded <= length * 1.12
    assert envelope.padded_length(padded) == padded


def test_texts_up_to_a_kilobyte_look_alike() -> None:
    sizes = {len(envelope.seal_text(KEY, PLACE, b"x" * length)) for length in (0, 1, 500, 1020)}
    assert sizes == {1024 + envelope.OVERHEAD}


@given(st.binary(max_size=1100))
def test_malformed_padding_is_refused(padded: bytes) -> None:
    try:
        assert envelope.pad(envelope.unpad(padded)) == padded
    except CannotOpenError:
        return


@settings(max_examples=40)
@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_one_flipped_bit_closes_it(at: int, bit: int) -> None:
    altered = bytearray(SEALED)
    altered[at] ^= 1 << bit
    # Bytes 2 to 34 are the clear copy of ``prev``: whoever takes the place from it meets another place.
    place = replace(PLACE, prev=envelope.previous(bytes(altered))) if 2 <= at < 34 else PLACE
    with pytest.raises(CannotOpenError):
        envelope.open_text(KEY, place, bytes(altered))


@settings(max_examples=30)
@given(st.integers(0, len(SEALED) - 1))
def test_a_truncated_object_stays_closed(length: int) -> None:
    with pytest.raises(CannotOpenError):
        envelope.open_text(KEY, PLACE, SEALED[:length])


@pytest.mark.parametrize(
    "place",
    [
        replace(PLACE, kind=Kind.ASSESSMENT),
        replace(PLACE, install="j"),
        replace(PLACE, school="south"),
        replace(PLACE, report="s"),
        replace(PLACE, message="n"),
        replace(PLACE, author="member"),
        replace(PLACE, seq=4),
        replace(PLACE, prev=b"\x01" * 32),
    ],
    ids=["kind", "install", "school", "report", "message", "author", "seq", "prev"],
)
def test_it_opens_nowhere_else(place: Place) -> None:
    with pytest.raises(CannotOpenError):
        envelope.open_text(KEY, place, SEALED)


def test_the_commitment_is_checked_before_the_cipher() -> None:
    """A ciphertext that GCM would open is refused when its commitment names another key."""
    salt = SEALED[34:66]
    cipher, nonce, _ = envelope._derive(b"\x08" * 32, salt, PLACE.encode())  # noqa: SLF001 - made as a forger would
    inner = cipher.encrypt(nonce, envelope.pad(b"two faces"), PLACE.encode())
    forged = HEADER + PLACE.prev + salt + SEALED[66:98] + inner
    assert isinstance(cipher, AESGCM)
    with pytest.raises(CannotOpenError, match="another key"):
        envelope.open_text(b"\x08" * 32, PLACE, forged)


def test_equal_texts_are_sealed_unequally() -> None:
    assert envelope.seal_text(KEY, PLACE, b"same") != envelope.seal_text(KEY, PLACE, b"same")
