"""Team seeds: held by those who may, lost by nobody who stays, of no use to those who left."""

import pytest
from sqlalchemy import select, update

from tests.vault import decoder
from tests.vault.school import COUNSELING, DISTRICT, INSTALL, SCHOOL, School, build_school
from vault import directory, kem
from vault.database import Database
from vault.directory import Directory
from vault.errors import DirectoryError
from vault.generations import recovered_private_keys
from vault.kem import PrivateKey
from vault.members import MemberKeys
from vault.people_tables import TeamKeyCopy

FIRST, SECOND = f"team:{COUNSELING}:1", f"team:{COUNSELING}:2"


@pytest.fixture
def school(any_database: Database) -> School:
    with any_database.writing() as session:
        return build_school(session)


def keys_of(
    database: Database, school: School, member: str, made: Directory | None = None
) -> dict[str, PrivateKey]:
    with database.reading() as session:
        keys = school.members[member]
        return directory.team_private_keys(session, INSTALL, keys, made or school.directory)


def test_a_member_holds_their_teams_key_and_no_other(any_database: Database, school: School) -> None:
    assert set(keys_of(any_database, school, "ana")) == {FIRST}
    assert set(keys_of(any_database, school, "cho")) == {f"team:{DISTRICT}:1"}
    team = school.directory.team(COUNSELING)
    assert team is not None
    assert keys_of(any_database, school, "ben")[FIRST].public == team.public


def test_the_recovery_key_holds_every_generation(any_database: Database, school: School) -> None:
    with any_database.reading() as session:
        found = recovered_private_keys(session, school.recovery.kem, school.directory)
    assert set(found) == {FIRST, f"team:{DISTRICT}:1"}


def test_the_other_reader_opens_the_same_copy(any_database: Database, school: School) -> None:
    with any_database.reading() as session:
        copy = session.get_one(TeamKeyCopy, (COUNSELING, 1, "ana"))
    team = {"install": INSTALL, "school": SCHOOL, "id": COUNSELING, "generation": 1}
    own = school.members["ana"].kem.seed
    seed = decoder.open_team_seed(copy.sealed, own, "member:ana", team)
    assert seed == keys_of(any_database, school, "ana")[FIRST].seed


def test_who_leaves_has_no_key_of_what_comes_later(any_database: Database, school: School) -> None:
    ben = school.members["ben"].signer
    with any_database.writing() as session:
        made = directory.retire_member(session, ben, school.directory, "ana")
        made = directory.new_team_generation(session, ben, made, COUNSELING)
        holders = set(session.scalars(select(TeamKeyCopy.holder).where(TeamKeyCopy.generation == 2)))
    assert keys_of(any_database, school, "ana", made) == {}
    assert set(keys_of(any_database, school, "ben", made)) == {FIRST, SECOND}
    assert holders == {"ben", "recovery"}
    assert made.stale_teams() == ()


def test_a_newcomer_is_given_the_older_generations_by_a_member(
    any_database: Database, school: School
) -> None:
    root, ana = school.recovery.signer, school.members["ana"]
    with any_database.writing() as session:
        made = directory.new_team_generation(session, root, school.directory, COUNSELING, ["ana", "cho"])
        directory.share_generations(session, ana, made, COUNSELING, "cho")
        directory.share_generations(session, ana, made, COUNSELING, "cho")
    assert set(keys_of(any_database, school, "cho", made)) == {FIRST, SECOND, f"team:{DISTRICT}:1"}


def test_nobody_outside_a_team_is_given_its_keys(any_database: Database, school: School) -> None:
    ana = school.members["ana"]
    with any_database.writing() as session, pytest.raises(DirectoryError):
        directory.share_generations(session, ana, school.directory, COUNSELING, "cho")


def test_a_planted_or_altered_copy_is_left_out(any_database: Database, school: School) -> None:
    """The writer to the database seals a seed of their own to Ana: it is not the directory's."""
    to = school.members["ana"].kem.public
    with any_database.writing() as session:
        session.execute(update(TeamKeyCopy).values(sealed=kem.seal(kem.new_seed(), to, b"anywhere")))
    assert keys_of(any_database, school, "ana") == {}


def test_another_members_copy_is_of_no_use(any_database: Database, school: School) -> None:
    with any_database.writing() as session:
        bens = session.get_one(TeamKeyCopy, (COUNSELING, 1, "ben")).sealed
        session.get_one(TeamKeyCopy, (COUNSELING, 1, "ana")).sealed = bens
    assert keys_of(any_database, school, "ana") == {}


def test_a_directory_of_another_install_is_not_asked(any_database: Database, school: School) -> None:
    with any_database.reading() as session, pytest.raises(DirectoryError):
        directory.team_private_keys(session, "install-2", school.members["ana"], school.directory)


def test_an_unknown_team_has_no_next_generation(any_database: Database, school: School) -> None:
    with any_database.writing() as session, pytest.raises(DirectoryError):
        directory.new_team_generation(session, school.recovery.signer, school.directory, "nowhere")


def test_who_lost_their_keys_and_came_back_is_given_the_old_generations_again(
    any_database: Database, school: School
) -> None:
    root, ben = school.recovery.signer, school.members["ben"]
    again = MemberKeys.from_seed("ana", kem.new_seed())
    with any_database.writing() as session:
        made = directory.retire_member(session, root, school.directory, "ana")
        made = directory.add_member(session, root, made, "ana", again.sign.public_key(), again.kem.public)
        made = directory.new_team_generation(session, root, made, COUNSELING, ["ana", "ben"])
        directory.share_generations(session, ben, made, COUNSELING, "ana")
    with any_database.reading() as session:
        assert set(directory.team_private_keys(session, INSTALL, again, made)) == {FIRST, SECOND}
