"""Six digits, each good once; their secret opens with the member's own seed alone."""

import pytest

from vault import members, second_factor
from vault.database import Database
from vault.errors import CannotOpenError

# RFC 4226, appendix D: the secret and its first codes.
SECRET = b"12345678901234567890"
CODES = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
SEED = b"\x05" * 32


@pytest.mark.parametrize(("step", "code"), [*enumerate(CODES)])
def test_the_codes_are_those_of_the_standard(step: int, code: str) -> None:
    assert second_factor.step_of(SECRET, f" {code[:3]} {code[3:]} ", (step + 1) * 30_000) == step


@pytest.mark.parametrize("typed", ["", "75522", "7552244", "ñandú!", "\ud800", "٧٥٥٢٢٤"])
def test_anything_else_is_no_code(typed: str) -> None:
    assert second_factor.step_of(SECRET, typed, 30_000) is None


def test_a_code_is_spent_once_and_takes_the_older_ones_with_it(any_database: Database) -> None:
    with any_database.writing() as session:
        members.create_member(session, "ana", "ana", "Ana", SEED, "pw", "test")
    for step, good in ((7, True), (7, False), (6, False), (8, True)):
        with any_database.writing() as session:
            assert second_factor.use(session, "ana", step) is good


def test_only_the_members_own_seed_opens_the_secret() -> None:
    sealed = second_factor.seal_secret(SECRET, SEED, "ana")
    assert second_factor.open_secret(sealed, SEED, "ana") == SECRET
    flipped = sealed[:-1] + bytes((sealed[-1] ^ 1,))
    for bytes_, seed, owner in (
        (sealed, b"\x06" * 32, "ana"),
        (sealed, SEED, "ben"),
        (flipped, SEED, "ana"),
        (sealed[:9], SEED, "ana"),
        (b"\x02\x01" + sealed[2:], SEED, "ana"),
    ):
        with pytest.raises(CannotOpenError):
            second_factor.open_secret(bytes_, seed, owner)
