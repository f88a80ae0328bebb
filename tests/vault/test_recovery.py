"""Twenty-four words on paper bring everything back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import recovery
from vault.errors import WrongWordsError
from vault.recovery import RecoveryKeys


@given(st.binary(min_size=32, max_size=32))
def test_words_and_seed_are_the_same_thing(seed: bytes) -> None:
    words = recovery.words_from_seed(seed)
    assert len(words.split()) == 24
    assert recovery.seed_from_words(words) == seed


def test_the_words_are_those_of_bip39() -> None:
    """Test vector of BIP39 (github.com/trezor/python-mnemonic, vectors.json)."""
    words = " ".join(["legal winner thank year wave sausage worth useful"] * 3).rsplit(" ", 1)[0] + " title"
    assert recovery.seed_from_words(words) == b"\x7f" * 32


def test_spacing_and_capitals_do_not_matter() -> None:
    words = recovery.words_from_seed(b"\x05" * 32)
    assert recovery.seed_from_words("  " + words.upper().replace(" ", "\n ")) == b"\x05" * 32


@pytest.mark.parametrize(
    "words",
    ["", "legal winner", "abandon " * 24, "qwertz " * 24],
    ids=["none", "two", "bad checksum", "no such word"],
)
def test_wrong_words_are_refused_without_repeating_them(words: str) -> None:
    with pytest.raises(WrongWordsError) as refused:
        recovery.seed_from_words(words)
    assert "abandon" not in str(refused.value)
    assert "qwertz" not in str(refused.value)


def test_the_opening_and_the_signing_key_are_unrelated() -> None:
    keys = RecoveryKeys.from_seed(b"\x05" * 32)
    assert keys.kem.seed != keys.root.private_bytes_raw()
    assert keys.signer.member_id == "root"
