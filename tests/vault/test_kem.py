"""Sealing to a public key: only the right seed, only in the right place, only unaltered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault import decoder
from vault import kem
from vault.errors import BadKeyError, CannotOpenError
from vault.kem import PrivateKey, PublicKey

PRIVATE = PrivateKey.from_seed(b"\x01" * 32)
OTHER = PrivateKey.from_seed(b"\x02" * 32)
SEALED = kem.seal(b"thirty-two bytes of message key.", PRIVATE.public, b"here")


def test_a_key_survives_its_encoding() -> None:
    assert len(PRIVATE.public.encode()) == 1216
    assert PublicKey.decode(PRIVATE.public.encode()) == PRIVATE.public
    assert PrivateKey.from_seed(PRIVATE.seed).public == PRIVATE.public


@settings(max_examples=30)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_what_was_sealed_opens_for_us_and_for_the_other_reader(text: bytes, info: bytes) -> None:
    sealed = kem.seal(text, PRIVATE.public, info)
    assert len(sealed) == len(text) + 1138
    assert kem.unseal(sealed, PRIVATE, info) == text
    assert decoder.hpke_open(sealed, PRIVATE.seed, info) == text


def test_the_wrong_key_or_place_opens_nothing() -> None:
    with pytest.raises(CannotOpenError):
        kem.unseal(SEALED, OTHER, b"here")
    with pytest.raises(CannotOpenError):
        kem.unseal(SEALED, PRIVATE, b"there")


@settings(max_examples=60)
@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_one_flipped_bit_closes_it(at: int, bit: int) -> None:
    altered = bytearray(SEALED)
    altered[at] ^= 1 << bit
    with pytest.raises(CannotOpenError):
        kem.unseal(bytes(altered), PRIVATE, b"here")


@settings(max_examples=40)
@given(st.integers(0, len(SEALED) - 1))
def test_a_truncated_object_stays_closed(length: int) -> None:
    with pytest.raises(CannotOpenError):
        kem.unseal(SEALED[:length], PRIVATE, b"here")


@given(st.binary(max_size=1300))
def test_arbitrary_bytes_raise_nothing_else(sealed: bytes) -> None:
    with pytest.raises(CannotOpenError):
        kem.unseal(b"\x01\x01" + sealed, PRIVATE, b"here")


def test_an_unknown_version_is_refused_before_anything_is_tried() -> None:
    with pytest.raises(CannotOpenError, match="version"):
        kem.unseal(b"\x02" + SEALED[1:], PRIVATE, b"here")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(1215),
        b"\xff" * 1216,
        PRIVATE.public.encode()[:1184] + bytes(32),
        PRIVATE.public.encode()[:1184] + b"\x01" + bytes(31),
    ],
    ids=["empty", "short", "no lattice point", "all-zero curve point", "low-order curve point"],
)
def test_unusable_keys_are_refused_when_read(raw: bytes) -> None:
    with pytest.raises(BadKeyError):
        PublicKey.decode(raw)


def test_a_seed_has_thirty_two_bytes() -> None:
    with pytest.raises(BadKeyError):
        PrivateKey.from_seed(b"short")


def test_keys_do_not_show_themselves() -> None:
    assert PRIVATE.seed.hex() not in repr(PRIVATE)
    assert "x01" not in repr(PRIVATE)
