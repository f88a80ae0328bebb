"""Who may add what to the directory. The rules are asked before storing and again at every reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.school import COUNSELING, DISTRICT, ROUTES, SCHOOL, School, build_school
from vault import directory, entries, kem
from vault.database import Database
from vault.enrolment import add_entry, approve
from vault.entries import MemberEntry, RetireEntry, RootEntry, RoutingEntry, TeamEntry
from vault.errors import DirectoryError
from vault.generations import admit, propose_generation
from vault.kem import PrivateKey
from vault.members import MemberKeys
from vault.place import canonical
from vault.signing import Signer
from vault.tables import DirectoryEntry


class House:
    """A school whose directory one tries to add to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            self.school: School = build_school(session)
        self.now = self.school.directory

    def signer(self, name: str) -> Signer:
        return self.school.recovery.signer if name == "root" else self.school.members[name].signer

    def add(self, name: str, entry: entries.Entry, approver: str | None = None) -> None:
        yes = approve(self.signer(approver), self.now, entry) if approver else None
        with self.database.writing() as session:
            self.now = add_entry(session, self.signer(name), self.now, entry, yes)

    def member(self, name: str) -> MemberEntry:
        keys = MemberKeys.from_seed(name, kem.new_seed())
        self.school.members[name] = keys
        return MemberEntry(name, keys.sign.public_key().public_bytes_raw(), keys.kem.public.encode())

    def renewed(self, *members: str, team: str = COUNSELING) -> TeamEntry:
        return propose_generation(self.now, team, members)[0]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def refused(house: House, name: str, entry: entries.Entry, approver: str | None = None) -> None:
    with pytest.raises(DirectoryError):
        house.add(name, entry, approver)


def test_any_active_member_makes_a_colleague_known_which_opens_nothing(house: House) -> None:
    house.add("cho", house.member("dee"))
    assert house.now.teams_of("dee") == frozenset()


def test_a_stranger_adds_nothing(house: House) -> None:
    entry = house.member("dee")
    stranger = Signer("dee", house.school.members["dee"].sign)
    with house.database.writing() as session, pytest.raises(DirectoryError):
        add_entry(session, stranger, house.now, entry)
    with house.database.writing() as session, pytest.raises(DirectoryError):
        add_entry(session, Signer("root", stranger.sign_private), house.now, entry)


def test_a_members_keys_are_not_exchanged_behind_their_back(house: House) -> None:
    before = house.school.members["ben"]
    refused(house, "ana", house.member("ben"))
    refused(house, "root", house.member("ben"))
    house.school.members["ben"] = before


def test_a_team_is_begun_by_root_only(house: House) -> None:
    entry = TeamEntry("new", SCHOOL, "nurse", 1, PrivateKey.from_seed(b"\x09" * 32).public.encode(), ("ana",))
    refused(house, "ana", entry)
    refused(house, "ana", entry, approver="ben")
    house.add("root", entry)


def test_a_member_renews_their_own_team_and_no_other(house: House) -> None:
    refused(house, "cho", house.renewed("ana", "ben"))
    house.add("ana", house.renewed("ana", "ben"))
    house.add("ben", house.renewed("ben"))
    assert house.now.teams_of("ana") == frozenset()


def test_letting_somebody_in_takes_two_where_there_are_two(house: House) -> None:
    entry = house.renewed("ana", "ben", "cho")
    refused(house, "ana", entry)
    refused(house, "ana", entry, approver="cho")
    refused(house, "ana", entry, approver="ana")
    house.add("ana", entry, approver="ben")
    assert house.now.may_open("cho", [COUNSELING])


def test_an_approval_serves_one_entry_in_one_place(house: House) -> None:
    entry = house.renewed("ana", "ben", "cho")
    early = approve(house.signer("ben"), house.now, entry)
    house.add("cho", house.member("dee"))
    with house.database.writing() as session, pytest.raises(DirectoryError):
        add_entry(session, house.signer("ana"), house.now, entry, early)


def test_a_proposal_that_was_approved_is_admitted_with_its_seeds(house: House) -> None:
    proposal = propose_generation(house.now, COUNSELING, ("ana", "ben", "cho"))
    yes = approve(house.signer("ben"), house.now, proposal[0])
    with house.database.writing() as session:
        made = admit(session, house.signer("ana"), house.now, proposal, yes)
        found = directory.team_private_keys(session, made.install, house.school.members["cho"], made)
    assert f"team:{COUNSELING}:2" in found


def test_one_who_is_alone_lets_somebody_in(house: House) -> None:
    house.add("cho", house.renewed("cho", "ana", team=DISTRICT))
    assert house.now.may_open("ana", [DISTRICT])


def test_generations_come_in_order_with_fresh_keys_for_one_school(house: House) -> None:
    good = house.renewed("ana", "ben")
    team = house.now.team(COUNSELING)
    assert team is not None
    for changed in (
        {"generation": 3},
        {"generation": 1},
        {"school": "south"},
        {"role": "other"},
        {"public": team.public.encode()},
        {"public": b"short"},
        {"members": ("ana", "nobody")},
    ):
        refused(house, "root", TeamEntry(**{**vars(good), **changed}))


def test_a_member_is_retired_by_root_themselves_or_a_colleague(house: House) -> None:
    refused(house, "cho", RetireEntry("ana"))
    refused(house, "ana", RetireEntry("nobody"))
    house.add("ben", RetireEntry("ana"))
    refused(house, "ben", RetireEntry("ana"))
    house.add("cho", RetireEntry("cho"))
    assert house.now.teams_of("ana") == house.now.teams_of("cho") == frozenset()
    assert {team.id for team in house.now.stale_teams()} == {COUNSELING, DISTRICT}


def test_who_left_signs_nothing_and_comes_back_only_through_the_door(house: House) -> None:
    old = house.school.members["ana"]
    house.add("ben", RetireEntry("ana"))
    refused(house, "ana", house.member("dee"))
    house.add("ben", house.member("ana"))
    assert house.now.teams_of("ana") == frozenset()
    assert house.now.reply_keys("ana", SCHOOL) == (old.sign.public_key(),)
    house.add("root", house.renewed("ana", "ben"))
    assert len(house.now.reply_keys("ana", SCHOOL)) == 2
    house.add("ben", RetireEntry("ana"))
    house.school.members["ana"] = old
    refused(house, "ana", house.member("eva"))


def test_routing_takes_root_or_two_who_serve_the_school(house: House) -> None:
    entry = RoutingEntry(SCHOOL, {"default": (DISTRICT,)})
    refused(house, "ana", entry)
    house.add("cho", house.member("dee"))
    refused(house, "ana", entry, approver="dee")
    house.add("ana", entry, approver="cho")
    assert house.now.teams_of_route(SCHOOL, "default") == (DISTRICT,)


def test_a_route_names_teams_of_its_own_school(house: House) -> None:
    refused(house, "root", RoutingEntry("south", {"default": (COUNSELING,)}))
    refused(house, "root", RoutingEntry(SCHOOL, {"default": ("nowhere",)}))


def test_there_is_one_root(house: House) -> None:
    again = RootEntry(house.now.install, house.now.recovery.encode(), bytes(32))
    refused(house, "root", again)


@pytest.mark.parametrize("name", ["root", "recovery", "receipt", "a:b", "", "a" * 65, "a b"])
def test_ids_that_could_pass_for_another_name_are_refused(house: House, name: str) -> None:
    refused(house, "root", house.member(name))


def test_entries_survive_their_encoding(house: House) -> None:
    routes = {route: tuple(teams) for route, teams in ROUTES.items()}
    for entry in (
        house.member("dee"),
        RetireEntry("ana"),
        house.renewed("ana"),
        RoutingEntry(SCHOOL, routes),
    ):
        assert entries.decode(entries.encode(entry)) == (entry, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "approval",
    "member",
    "sign_public",
    "kem_public",
    "team",
    "generation",
    "members",
    "routes",
    "school",
]
RECORDS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["root", "member", "retire", "team", "routing", "", None])},
    optional=dict.fromkeys(FIELDS, JSON),
)


@given(RECORDS)
def test_a_malformed_entry_raises_nothing_but_the_documented_error(record: dict[str, object]) -> None:
    try:
        entry, approval = entries.decode(canonical(record))
    except DirectoryError:
        return
    assert entries.encode(entry, approval) == canonical(record)


@given(st.binary(max_size=80))
def test_bytes_that_are_no_entry_are_refused(payload: bytes) -> None:
    with pytest.raises(DirectoryError):
        entries.decode(payload)


def test_an_entry_has_one_spelling(house: House) -> None:
    payload = entries.encode(RetireEntry("ana"))
    with pytest.raises(DirectoryError, match="canonical"):
        entries.decode(payload.replace(b":", b": "))
    assert isinstance(DirectoryEntry(seq=1, payload=payload, signer="ben", signature=b""), DirectoryEntry)
    assert house.now.seq == 6
