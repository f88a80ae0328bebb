"""A member's seed comes back by their password, and by nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import members
from vault.database import Database
from vault.errors import CannotOpenError, WrongPasswordError
from vault.members import MemberKeys
from vault.people_tables import Member

SEED = b"\x05" * 32
WRAPPED = members.wrap_seed(SEED, "five grey herons", "test", owner="ana")


def test_the_password_brings_the_seed_back() -> None:
    assert members.unwrap_seed(WRAPPED, "five grey herons", owner="ana") == SEED
    assert len(WRAPPED) == 2 + 1 + 16 + 12 + 48


def test_another_password_or_account_does_not() -> None:
    with pytest.raises(WrongPasswordError):
        members.unwrap_seed(WRAPPED, "five grey heron", owner="ana")
    with pytest.raises(WrongPasswordError):
        members.unwrap_seed(WRAPPED, "five grey herons", owner="ben")


def test_the_usual_profile_costs_what_rfc_9106_asks() -> None:
    usual = members.PROFILES["interactive"]
    assert (usual.time, usual.memory, usual.lanes) == (3, 64 * 1024, 4)
    wrapped = members.wrap_seed(SEED, "p")
    assert wrapped[2] == usual.code
    assert members.unwrap_seed(wrapped, "p") == SEED


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    wrapped = members.wrap_seed(SEED, "caf\u00e9", "test")
    assert members.unwrap_seed(wrapped, "cafe\u0301") == SEED


@given(st.binary(max_size=90))
def test_arbitrary_bytes_raise_nothing_else(wrapped: bytes) -> None:
    """The profile that costs nothing keeps this test quick; the other fails in the same lines."""
    with pytest.raises((WrongPasswordError, CannotOpenError)):
        members.unwrap_seed(b"\x01\x01\xff" + wrapped, "p")


def test_keys_follow_from_the_seed_and_differ_from_each_other() -> None:
    one, same, other = (MemberKeys.from_seed("ana", seed) for seed in (SEED, SEED, b"\x06" * 32))
    assert one.kem.public == same.kem.public != other.kem.public
    assert one.sign.private_bytes_raw() == same.sign.private_bytes_raw()
    assert one.sign.private_bytes_raw() not in (SEED, one.kem.seed)
    assert SEED.hex() not in repr(one)


def test_a_member_signs_in_however_they_write_their_login(any_database: Database) -> None:
    with any_database.writing() as session:
        members.create_member(session, "ana", "Ana@North", "Ana", SEED, "pw", "test")
    with any_database.reading() as session:
        member, seed = members.unlock(members.find(session, " ana@north "), "pw")
        assert (member.id, member.name, seed) == ("ana", "Ana", SEED)


@pytest.mark.parametrize(
    ("login", "password"), [("ana", "wrong"), ("nobody", "pw"), ("gone", "pw"), ("odd", "pw")]
)
def test_every_failed_sign_in_looks_alike(database: Database, login: str, password: str) -> None:
    with database.writing() as session:
        members.create_member(session, "ana", "ana", "Ana", SEED, "pw", "test")
        members.create_member(session, "gone", "gone", "Gone", SEED, "pw", "test").active = False
        session.add(Member(id="odd", login="odd", name="Odd", wrapped_seed=b"\x01\x01\x01"))
    with database.reading() as session, pytest.raises(WrongPasswordError, match=r"^wrong password$"):
        members.unlock(members.find(session, login), password)


def test_an_unknown_login_takes_as_long_as_a_wrong_password(database: Database) -> None:
    with database.writing() as session:
        members.create_member(session, "ana", "ana", "Ana", SEED, "pw")
    took = [(_seconds(database, "ana"), _seconds(database, "nobody")) for _ in range(4)]
    known, unknown = (min(column) for column in zip(*took, strict=True))
    assert 0.5 < known / unknown < 2


def test_a_wrap_moved_to_another_account_does_not_open_there(database: Database) -> None:
    with database.writing() as session:
        mine = members.create_member(session, "ana", "ana", "Ana", SEED, "pw", "test")
        theirs = members.create_member(session, "ben", "ben", "Ben", b"\x06" * 32, "other", "test")
        theirs.wrapped_seed = mine.wrapped_seed
    with database.reading() as session, pytest.raises(WrongPasswordError):
        members.unlock(members.find(session, "ben"), "pw")


def _seconds(database: Database, login: str) -> float:
    begun = time.perf_counter()
    with database.reading() as session, pytest.raises(WrongPasswordError):
        members.unlock(members.find(session, login), "wrong")
    return time.perf_counter() - begun
