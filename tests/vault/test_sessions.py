"""A signed-in browser: its cookie opens, the database alone does not."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from vault import members, sessions
from vault.database import Database
from vault.members import MemberKeys
from vault.people_tables import Member, StaffSession

SEED = b"\x05" * 32
IDLE, ABSOLUTE = 600_000, 3_600_000
START = 1_000_000


def signed_in(database: Database) -> str:
    with database.writing() as session:
        members.create_member(session, "ana", "ana", "Ana", SEED, "pw", "test")
        return sessions.start(session, START, "ana", SEED)


def resumed(database: Database, cookie: str, now: int = START) -> tuple[str, MemberKeys] | None:
    with database.writing() as session:
        return sessions.resume(session, now, cookie, IDLE, ABSOLUTE)


def test_the_cookie_brings_the_members_keys_back(any_database: Database) -> None:
    found = resumed(any_database, signed_in(any_database))
    assert found is not None
    assert found[0] == "ana"
    assert found[1].kem == MemberKeys.from_seed("ana", SEED).kem


def test_the_database_holds_neither_cookie_nor_seed(database: Database) -> None:
    cookie = signed_in(database)
    secret = base64.urlsafe_b64decode(cookie + "=")
    with database.reading() as session:
        row = session.scalars(select(StaffSession)).one()
    stored = row.id.encode() + row.wrapped_seed
    assert SEED not in stored
    assert secret not in stored
    assert secret.hex().encode() not in stored
    assert cookie.encode() not in stored


def test_an_idle_session_ends(database: Database) -> None:
    cookie = signed_in(database)
    assert resumed(database, cookie, START + IDLE)
    assert resumed(database, cookie, START + 2 * IDLE)
    assert resumed(database, cookie, START + 3 * IDLE + 1) is None


def test_even_a_busy_session_ends(database: Database) -> None:
    cookie = signed_in(database)
    for now in range(START, START + ABSOLUTE, IDLE):
        assert resumed(database, cookie, now)
    assert resumed(database, cookie, START + ABSOLUTE + 1) is None


def test_signing_out_ends_this_browser_only(database: Database) -> None:
    one = signed_in(database)
    with database.writing() as session:
        other = sessions.start(session, START, "ana", SEED)
        sessions.end(session, one)
        sessions.end(session, "never seen")
    assert resumed(database, one) is None
    assert resumed(database, other)


def test_ending_all_ends_every_browser_of_one_member(database: Database) -> None:
    one = signed_in(database)
    with database.writing() as session:
        other = sessions.start(session, START, "ana", SEED)
        members.create_member(session, "ben", "ben", "Ben", SEED, "pw", "test")
        bens = sessions.start(session, START, "ben", SEED)
        sessions.end_all(session, "ana")
    assert [resumed(database, cookie) is None for cookie in (one, other, bens)] == [True, True, False]


def test_expired_rows_are_removed(database: Database) -> None:
    signed_in(database)
    with database.writing() as session:
        sessions.end_expired(session, START + IDLE + 1, IDLE, ABSOLUTE)
        assert session.scalars(select(StaffSession)).all() == []


def test_a_deactivated_members_cookie_opens_nothing(database: Database) -> None:
    cookie = signed_in(database)
    with database.writing() as session:
        session.execute(update(Member).values(active=False))
    assert resumed(database, cookie) is None


@pytest.mark.parametrize("wrapped", [b"", b"\x01\x01", b"\x01\x01" + bytes(48)])
def test_an_altered_row_opens_nothing(database: Database, wrapped: bytes) -> None:
    cookie = signed_in(database)
    with database.writing() as session:
        session.execute(update(StaffSession).values(wrapped_seed=wrapped))
    assert resumed(database, cookie) is None


def test_a_row_does_not_pass_to_another_member(database: Database) -> None:
    cookie = signed_in(database)
    with database.writing() as session:
        members.create_member(session, "ben", "ben", "Ben", SEED, "pw", "test")
        session.flush()
        session.execute(update(StaffSession).values(member_id="ben"))
    assert resumed(database, cookie) is None


@given(st.text(st.characters(), max_size=60))
def test_no_cookie_is_too_odd(cookie: str) -> None:
    assert len(sessions._secret(cookie)) in (0, 32)  # noqa: SLF001 - the parser, without a database
