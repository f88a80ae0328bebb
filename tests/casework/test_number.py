"""A texter's number: two members, a reason, one look; and what somebody who cheats does not get."""

from dataclasses import dataclass, field
from functools import partial

import pytest
from sqlalchemy import select, update

from notify.watchman import Watchman
from tests.casework.world import INSTALL, LINE, MINUTE, PHONE, Browser, Filed, World
from vault import number_requests
from vault.clock import Clock
from vault.database import Database
from vault.directory import DirectoryReader
from vault.errors import CannotOpenError
from vault.ids import new_id
from vault.keyed import open_from_line
from vault.number_requests import Asked
from vault.tables import NumberRequest, Report, Texter
from wiring.numbers import reveal_granted

WHY = {"basis": "life", "reason": "They wrote that they stand on the bridge."}


@dataclass
class Here:
    """The pager's ground, as far as this needs it."""

    database: Database
    clock: Clock
    directory: DirectoryReader
    install: str = INSTALL


@dataclass
class AlarmLog:
    heard: list[str] = field(default_factory=list)

    def sound(self, what: str) -> None:
        self.heard.append(what)


@pytest.fixture
def world(any_database: Database) -> World:
    return World(any_database)


def pager(world: World) -> int:
    here = Here(world.database, world.clock, world.reader)
    return reveal_granted(here, partial(open_from_line, LINE))


def texted(world: World, urgency: str = "immediate") -> Filed:
    filed = world.file("I am on the bridge", by_text=True)
    with world.database.writing() as session:
        session.get_one(Report, filed.report_id).urgency = urgency
    return filed


def act(member: Browser, filed: Filed, what: str = "", **fields: str) -> str:
    """Press a button of the view; what is shown then."""
    path = f"/case/{filed.reference}/number"
    member.get(path)
    answer = member.post(f"{path}/{what}" if what else path, **fields)
    return member.get(answer.headers["Location"]).text if answer.status_code == 303 else answer.text


def take_page(world: World, filed: Filed, member: Browser) -> None:
    page = world.page(filed)
    member.get("/")
    member.post(f"/page/{page}/acknowledge")


def test_two_members_and_one_look(world: World) -> None:
    filed, ana, ben = texted(world, "urgent"), world.signed_in("ana"), world.signed_in("ben")
    assert "Asked." in act(ana, filed, **WHY)
    assert pager(world) == 0
    told = ben.get(f"/case/{filed.reference}").text
    assert "Ana Example asks to see the phone number" in told
    assert WHY["reason"] in told
    assert "Only Ana Example can see it" in act(ben, filed, "approve")
    assert pager(world) == 1
    assert PHONE not in act(ben, filed, "reveal")
    assert PHONE in act(ana, filed, "reveal")
    assert PHONE not in act(ana, filed, "reveal")
    assert "Ana Example has seen the phone number" in ben.get(f"/case/{filed.reference}").text
    with world.database.reading() as session:
        row = session.scalars(select(NumberRequest)).one()
        assert (row.sealed_number, row.sealed_view) == (b"", None)
    verbs = [verb for _, verb, _ in world.audited() if verb.startswith("number_")]
    assert verbs == ["number_requested", "number_approved", "number_resealed", "number_seen"]


def test_the_one_who_asks_does_not_approve(world: World) -> None:
    filed, ana = texted(world), world.signed_in("ana")
    act(ana, filed, **WHY)
    assert "Nothing was changed" in act(ana, filed, "approve")
    assert pager(world) == 0


def test_on_an_immediate_case_that_somebody_has_one_may_act_after_five_minutes(world: World) -> None:
    filed, ana = texted(world), world.signed_in("ana")
    take_page(world, filed, ana)
    act(ana, filed, **WHY)
    world.clock.moment += 4 * MINUTE
    assert "Nothing was changed" in act(ana, filed, "alone")
    world.clock.moment += MINUTE
    assert "It is being unsealed" in act(ana, filed, "alone")
    assert pager(world) == 1
    assert PHONE in act(ana, filed, "reveal")
    sounded = AlarmLog()
    watchman = Watchman(world.database, world.clock, sounded)
    watchman.look()
    world.clock.moment += 24 * 60 * MINUTE + 1
    assert "number_unreviewed" not in (*watchman.look(), *watchman.look()), "pages are safe all the same"
    assert sounded.heard.count("number_unreviewed") == 1
    ben = world.signed_in("ben")
    assert "Somebody acted alone" in ben.get(f"/case/{filed.reference}/number").text
    assert f"{filed.reference}: somebody saw a phone number alone" in ben.get("/").text
    assert "somebody saw a phone number alone" not in ana.get("/").text
    assert "Somebody acted alone" not in act(ben, filed, "review")
    assert "somebody saw a phone number alone" not in ben.get("/").text
    assert "number_reviewed" in {verb for _, verb, _ in world.audited()}
    sounded.heard.clear()
    Watchman(world.database, world.clock, sounded).look()
    assert "number_unreviewed" not in sounded.heard


@pytest.mark.parametrize(("urgency", "taken"), [("urgent", True), ("immediate", False)])
def test_nobody_acts_alone_otherwise(world: World, urgency: str, taken: bool) -> None:
    filed, ana = texted(world, urgency), world.signed_in("ana")
    if taken:
        take_page(world, filed, ana)
    act(ana, filed, **WHY)
    world.clock.moment += 6 * MINUTE
    assert "Nothing was changed" in act(ana, filed, "alone")
    assert pager(world) == 0


def test_after_an_hour_nothing_is_left_of_a_request(world: World) -> None:
    filed, ana, ben = texted(world), world.signed_in("ana"), world.signed_in("ben")
    act(ana, filed, **WHY)
    act(ben, filed, "approve")
    pager(world)
    world.clock.moment += 61 * MINUTE
    ana.sign_in("ana")
    assert PHONE not in act(ana, filed, "reveal")
    assert pager(world) == 0
    with world.database.reading() as session:
        row = session.scalars(select(NumberRequest)).one()
        assert (row.sealed_number, row.sealed_view) == (b"", None)


def test_a_request_needs_a_reason_and_a_phone(world: World) -> None:
    ana = world.signed_in("ana")
    assert "This is missing." in act(ana, texted(world), basis="life", reason="")
    assert "Nobody wrote to this case from a phone." in act(ana, world.file("by the form"), **WHY)


def test_the_pager_serves_no_row_that_two_readers_did_not_sign(world: World) -> None:
    """Dora reads other cases, holds a key, and writes to the database."""
    filed, ana = texted(world), world.signed_in("ana")
    dora = world.members["dora"]
    with world.database.writing() as session:
        report = session.get_one(Report, filed.report_id)
        number = session.scalars(select(Texter.sealed_number)).one()
        row = NumberRequest(
            id=new_id(),
            report_id=report.id,
            requester="dora",
            alone=False,
            sealed_number=bytes(number),
            created_at=world.clock.moment,
        )
        asked = Asked(INSTALL, report, row)
        number_requests.ask(dora.signer, asked)
        number_requests.approve(world.members["ben"].signer, asked)
        session.add(row)
    assert pager(world) == 0
    with world.database.writing() as session:
        session.execute(update(NumberRequest).values(requester="ana", approver="ben"))
    assert pager(world) == 0
    with world.database.reading() as session:
        assert session.scalars(select(NumberRequest.sealed_view)).one() is None
    assert PHONE not in act(ana, filed, "reveal")


def test_a_number_that_was_sealed_for_one_member_is_closed_to_the_other(world: World) -> None:
    filed, ana, ben = texted(world), world.signed_in("ana"), world.signed_in("ben")
    act(ana, filed, **WHY)
    act(ben, filed, "approve")
    pager(world)
    with world.database.reading() as session:
        row = session.scalars(select(NumberRequest)).one()
        asked = Asked(INSTALL, session.get_one(Report, filed.report_id), row)
    for name in ("ben", "dora"):
        with pytest.raises(CannotOpenError):
            number_requests.look(world.members[name].kem, asked)
    assert number_requests.look(world.members["ana"].kem, asked) == PHONE
