"""Phone numbers: found by those who hold a secret, opened by the pager."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault import decoder
from vault.errors import CannotOpenError
from vault.keyed import LineKey, number_key, open_from_line, seal_to_line

NEW, OLD = b"\x01" * 32, b"\x02" * 32
NUMBER = "+15550100"


def test_a_number_is_found_by_the_same_secret_only() -> None:
    found = number_key(b"secret", NUMBER)
    assert found == number_key(b"secret", NUMBER)
    assert len({found, number_key(b"other", NUMBER), number_key(b"secret", "+15550101")}) == 3
    assert len(found) == 64
    assert "5550100" not in found


@settings(max_examples=20)
@given(st.binary(max_size=2000))
def test_the_pager_opens_what_was_sealed_to_it(text: bytes) -> None:
    line = LineKey.from_seeds(NEW)
    sealed = seal_to_line(line.public, "letter", text)
    assert open_from_line(line, "letter", sealed) == text
    assert decoder.open_line(sealed, NEW, "letter") == text


def test_numbers_of_any_length_look_alike() -> None:
    line = LineKey.from_seeds(NEW)
    assert len({len(seal_to_line(line.public, "n", b"5" * length)) for length in (1, 8, 15, 400)}) == 1


def test_what_was_sealed_before_a_rotation_opens_until_the_old_key_is_destroyed() -> None:
    sealed = seal_to_line(LineKey.from_seeds(OLD).public, "n", NUMBER.encode())
    assert open_from_line(LineKey.from_seeds(NEW, OLD), "n", sealed) == NUMBER.encode()
    with pytest.raises(CannotOpenError, match="not held"):
        open_from_line(LineKey.from_seeds(NEW), "n", sealed)


def test_one_purpose_does_not_pass_for_another() -> None:
    line = LineKey.from_seeds(NEW)
    with pytest.raises(CannotOpenError):
        open_from_line(line, "contact", seal_to_line(line.public, "texter", NUMBER.encode()))


@given(st.binary(max_size=1300))
def test_arbitrary_bytes_raise_nothing_else(sealed: bytes) -> None:
    line = LineKey.from_seeds(NEW)
    own = seal_to_line(line.public, "n", b"")[:10]
    for bytes_ in (sealed, own + sealed):
        with pytest.raises(CannotOpenError):
            open_from_line(line, "n", bytes_)
