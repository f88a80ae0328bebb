"""The team directory: who reads what, and that writing to the database alone changes none of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import LargeBinary, delete, select, text, type_coerce, update

from tests.vault.school import COUNSELING, DISTRICT, INSTALL, SCHOOL, School, build_school
from vault import directory, entries
from vault.database import Database
from vault.directory import Directory, DirectoryReader
from vault.errors import DirectoryError
from vault.kem import PrivateKey
from vault.tables import DirectoryEntry


@pytest.fixture
def school(database: Database) -> School:
    with database.writing() as session:
        return build_school(session)


def load(database: Database, root: str) -> Directory:
    with database.reading() as session:
        return directory.load(session, INSTALL, root)


def names(made: Directory, route: str) -> list[str]:
    return [recipient.name for recipient in made.recipients(SCHOOL, route)]


def test_the_loaded_directory_is_the_one_that_was_made(any_database: Database) -> None:
    with any_database.writing() as session:
        school = build_school(session)
    loaded = load(any_database, school.root)
    assert loaded.alarm is None
    assert (loaded.seq, loaded.head) == (school.directory.seq, school.directory.head) == (6, loaded.head)
    assert loaded.team_by_id == school.directory.team_by_id
    assert [team.id for team in loaded.teams(SCHOOL)] == [COUNSELING, DISTRICT]
    assert loaded.teams("elsewhere") == ()


def test_routes_name_teams_and_an_unknown_route_is_the_default(school: School) -> None:
    assert names(school.directory, "default") == [f"team:{COUNSELING}:1"]
    assert names(school.directory, "weapon") == [f"team:{COUNSELING}:1"]
    assert names(school.directory, "adult_at_school") == [f"team:{DISTRICT}:1"]
    assert school.directory.teams_of_route(SCHOOL, "adult_at_school") == (DISTRICT,)


def test_a_school_without_routing_is_read_by_all_its_teams(school: School) -> None:
    bare = replace(school.directory, routing={})
    assert bare.teams_of_route(SCHOOL, "default") == (COUNSELING, DISTRICT)
    with pytest.raises(DirectoryError):
        bare.teams_of_route("elsewhere", "default")


def test_members_open_what_their_teams_were_sealed(school: School) -> None:
    made = school.directory
    assert made.teams_of("ana") == {COUNSELING}
    assert made.may_open("ana", [COUNSELING, DISTRICT])
    assert not made.may_open("ana", [DISTRICT])
    assert not made.may_open("nobody", [COUNSELING])
    assert [recipient.name for recipient in made.recipients_of([DISTRICT, "gone"])] == [f"team:{DISTRICT}:1"]


def test_keys_of_members(school: School) -> None:
    key = school.directory.member_sign_key("ana")
    assert key is not None
    assert key.public_bytes_raw() == school.members["ana"].sign.public_key().public_bytes_raw()
    assert school.directory.member_sign_key("nobody") is None
    assert school.directory.reply_keys("ana", "elsewhere") == ()


def test_another_root_or_install_is_refused(database: Database, school: School) -> None:
    with database.reading() as session:
        with pytest.raises(DirectoryError, match="configuration"):
            directory.load(session, INSTALL, "0" * 64)
        with pytest.raises(DirectoryError, match="install"):
            directory.load(session, "install-2", school.root)


def test_an_empty_directory_is_refused(database: Database) -> None:
    with pytest.raises(DirectoryError, match="empty"):
        load(database, "0" * 64)


def _swap_team_key(payload: bytes) -> bytes:
    entry, _ = entries.decode(payload)
    assert isinstance(entry, entries.TeamEntry)
    return entries.encode(replace(entry, public=PrivateKey.from_seed(b"\x0e" * 32).public.encode()))


ATTACKS: list[tuple[str, Callable[[DirectoryEntry], dict[str, object]]]] = [
    ("a team's key swapped", lambda row: {"payload": _swap_team_key(row.payload)}),
    ("a signature flipped", lambda row: {"signature": row.signature[:-1] + bytes((row.signature[-1] ^ 1,))}),
    ("a signature cut", lambda row: {"signature": row.signature[:20]}),
    ("another signer", lambda _: {"signer": "ana"}),
    ("no signer", lambda _: {"signer": ""}),
    ("a signer that is no text", lambda _: {"signer": type_coerce(b"\xff", LargeBinary)}),
    ("no payload", lambda _: {"payload": b""}),
    ("not JSON", lambda _: {"payload": b"\xff{"}),
    ("a number moved", lambda _: {"seq": 40}),
]


@pytest.mark.parametrize(("name", "attack"), ATTACKS, ids=[name for name, _ in ATTACKS])
def test_a_changed_entry_alarms_and_what_came_before_stays_in_force(
    database: Database, school: School, name: str, attack: Callable[[DirectoryEntry], dict[str, object]]
) -> None:
    at = DirectoryEntry.seq == 5
    with database.writing() as session:
        row = session.scalars(select(DirectoryEntry).where(at)).one()
        session.execute(update(DirectoryEntry).where(at).values(**attack(row)))
    loaded = load(database, school.root)
    assert loaded.seq == 4, name
    assert loaded.alarm is not None
    assert loaded.team(COUNSELING) == school.directory.team(COUNSELING)
    assert loaded.team(DISTRICT) is None


def test_a_reader_keeps_the_last_good_directory_whatever_happens_to_the_rows(
    any_database: Database,
) -> None:
    with any_database.writing() as session:
        school = build_school(session)
    reader = DirectoryReader(INSTALL, school.root)
    assert _current(any_database, reader).alarm is None
    with any_database.writing() as session:
        session.add(DirectoryEntry(seq=7, payload=b"{}", signer="root", signature=bytes(64)))
    bad = _current(any_database, reader)
    assert (bad.seq, bad.team_by_id) == (6, school.directory.team_by_id)
    assert bad.alarm is not None
    assert bad.alarm.startswith("entry 7")
    _remove_from(any_database, 7)
    assert _current(any_database, reader).alarm is None
    _remove_from(any_database, 5)
    assert "older" in (_current(any_database, reader).alarm or "")
    _remove_from(any_database, 0)
    assert _current(any_database, reader).recipients(SCHOOL, "default")


def test_a_reader_notices_an_exchanged_newest_entry(database: Database, school: School) -> None:
    reader = DirectoryReader(INSTALL, school.root)
    _current(database, reader)
    with database.writing() as session:
        session.execute(update(DirectoryEntry).where(DirectoryEntry.seq == 6).values(signature=bytes(64)))
    assert "exchanged" in (_current(database, reader).alarm or "")


def test_a_reader_follows_new_entries_and_asks_for_nothing_when_there_are_none(
    database: Database, school: School
) -> None:
    reader = DirectoryReader(INSTALL, school.root)
    first = _current(database, reader)
    assert _current(database, reader) is first
    with database.writing() as session:
        ana = school.members["ana"].signer
        directory.new_team_generation(session, ana, school.directory, COUNSELING)
    assert names(_current(database, reader), "default") == [f"team:{COUNSELING}:2"]


UNREADABLE = [
    "'text', 'root', x'00'",
    "x'00', CAST(x'ff' AS TEXT), x'00'",
    "x'00', 'root', 'text'",
    "x'00', 'root', 5",
]


@pytest.mark.parametrize("values", UNREADABLE)
def test_a_row_that_cannot_even_be_read_keeps_nobody_from_working(
    database: Database, school: School, values: str
) -> None:
    """On SQLite a writer can put anything into any column."""
    reader = DirectoryReader(INSTALL, school.root)
    _current(database, reader)
    with database.writing() as session:
        session.execute(text(f"INSERT INTO directory_entry VALUES (7, {values})"))  # noqa: S608 - ours
    fresh = DirectoryReader(INSTALL, school.root)
    for found in (_current(database, reader), _current(database, fresh), _current(database, fresh)):
        assert found.team_by_id == school.directory.team_by_id
        assert found.alarm
    _remove_from(database, 7)
    assert _current(database, reader).alarm is None


def test_two_writers_of_one_number(database: Database, school: School) -> None:
    ana, ben = school.members["ana"].signer, school.members["ben"].signer
    with database.writing() as session:
        directory.new_team_generation(session, ana, school.directory, COUNSELING)
        with pytest.raises(DirectoryError, match="first"):
            directory.new_team_generation(session, ben, school.directory, COUNSELING)
    assert load(database, school.root).alarm is None


def _current(database: Database, reader: DirectoryReader) -> Directory:
    with database.reading() as session:
        return reader.current(session)


def _remove_from(database: Database, seq: int) -> None:
    with database.writing() as session:
        session.execute(delete(DirectoryEntry).where(DirectoryEntry.seq >= seq))
