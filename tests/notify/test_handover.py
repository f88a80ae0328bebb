"""A case changes hands by text: asked, taken, refused or forgotten; nobody loses it meanwhile."""

import pytest
from sqlalchemy import select

from notify import handover
from notify.paging import PageRequest
from notify.tables import Handover, Page
from tests.notify.world import World
from vault.database import Database


@pytest.fixture
def world(database: Database) -> World:
    return World.with_counselors(database)


@pytest.fixture
def anas(world: World) -> World:
    """Ana has an immediate case, and has read it."""
    return taken_by_ana(world)


def taken_by_ana(world: World) -> World:
    world.open()
    world.text("ana", world.code_of("ana"))
    world.read_case("ana")
    return world


def offer(world: World, to: str = "ben") -> None:
    with world.database.writing() as session:
        page = session.scalars(select(Page).where(Page.state == "acknowledged")).first()
        assert page
        handover.offer(session, world.clock.moment, page, f"m-{to}", world.settings)
    world.deliver_due()


def expire(world: World) -> int:
    with world.database.writing() as session:
        ended = handover.expire(session, world.clock.moment)
    world.deliver_due()
    return ended


def last(world: World, name: str) -> str:
    return world.carrier.to(world.phone[name])[-1]


def owner(world: World) -> str | None:
    with world.database.reading() as session:
        return session.scalars(select(Page.acknowledged_by)).one()


def test_who_is_asked_takes_the_case_by_its_code_and_the_giver_hears_so(any_database: Database) -> None:
    anas = taken_by_ana(World.with_counselors(any_database))
    offer(anas)
    code = anas.code_of("ben")
    assert last(anas, "ben") == (
        f"Tipline: Ana asks you to take over case K7QM-29TX. Reply {code} if you take it, or PASS."
    )
    assert owner(anas) == "m-ana"
    result = anas.text("ben", code)
    assert (result.kind, result.by_name) == ("acknowledged", "Ben")
    assert owner(anas) == "m-ben"
    assert last(anas, "ana") == "Tipline: Ben has case K7QM-29TX."
    assert anas.audited()[-2:] == ["case_offered", "offer_accepted"]


def test_a_no_leaves_the_case_with_its_owner_who_hears_so(anas: World) -> None:
    for no in ("PASS", "paso", "I can't", "No puedo, estoy en clase"):
        offer(anas)
        assert anas.text("ben", no).kind == "declined"
    assert owner(anas) == "m-ana"
    assert last(anas, "ana") == "Tipline: nobody took over case K7QM-29TX. You still have it."
    assert anas.text("ben", anas.code_of("ben")).kind == "already"


def test_no_answer_in_ten_minutes_leaves_it_with_its_owner(any_database: Database) -> None:
    anas = taken_by_ana(World.with_counselors(any_database))
    offer(anas)
    anas.clock.moment += 599_000
    assert expire(anas) == 0
    anas.clock.moment += 1_000
    assert expire(anas) == 1
    assert last(anas, "ana") == "Tipline: nobody took over case K7QM-29TX. You still have it."
    assert anas.text("ben", anas.code_of("ben")).by_name == "Ana"
    assert owner(anas) == "m-ana"
    assert expire(anas) == 0


def test_the_new_owner_who_does_not_open_it_is_reminded_and_then_all_are_called(anas: World) -> None:
    offer(anas)
    anas.text("ben", anas.code_of("ben"))
    anas.pass_time(601)
    assert anas.page(anas.attempts()[0].page_id).state == "open"
    anas.pass_time(120)
    assert "Reply" in last(anas, "cleo")


def test_a_later_message_calls_the_new_owner_first(anas: World) -> None:
    offer(anas)
    anas.text("ben", anas.code_of("ben"))
    anas.read_case("ben")
    heard = len(anas.carrier.to(anas.phone["ana"]))
    anas.open()
    assert "IMMEDIATE" in last(anas, "ben")
    assert len(anas.carrier.to(anas.phone["ana"])) == heard


def test_who_cannot_open_the_case_does_not_get_it_by_its_code(anas: World) -> None:
    offer(anas, to="dan")
    assert anas.text("dan", anas.code_of("dan")).kind == "cannot_open"
    assert owner(anas) == "m-ana"


def test_the_second_offer_takes_the_place_of_the_first(anas: World) -> None:
    offer(anas)
    offer(anas, to="cleo")
    assert anas.text("ben", anas.code_of("ben")).kind == "already"
    assert anas.text("cleo", anas.code_of("cleo")).kind == "acknowledged"
    assert owner(anas) == "m-cleo"


def test_of_a_yes_and_a_no_the_first_counts(anas: World) -> None:
    offer(anas)
    assert anas.text("ben", anas.code_of("ben")).kind == "acknowledged"
    assert anas.text("ben", "pass").kind == "already"
    assert owner(anas) == "m-ben"


def test_an_offer_is_over_when_its_owner_lost_the_case_meanwhile(world: World) -> None:
    """Ana never opened it: it is called for again, and whoever answers has it, offered or not."""
    world.open()
    world.text("ana", world.code_of("ana"))
    offer(world)
    world.pass_time(601)
    world.pass_time(120)
    world.text("cleo", world.code_of("cleo"))
    assert world.text("ben", "pass").kind == "already"
    assert owner(world) == "m-cleo"
    kept = len(world.carrier.to(world.phone["ana"]))
    assert expire(world) == 1
    assert len(world.carrier.to(world.phone["ana"])) == kept


def test_a_case_that_paged_nobody_has_an_owner_once_somebody_hands_it_on(world: World) -> None:
    request = PageRequest("north", "one", "K7QM-29TX", "prompt", False, ("counseling",), "America/New_York")
    with world.database.writing() as session:
        page = handover.own(session, world.clock.moment, request, "m-ana", world.settings)
        assert handover.owned(session, "one", ["counseling"]) is page
        assert handover.owned(session, "one", ["liaison"]) is None
    offer(world)
    assert world.text("ben", world.code_of("ben")).kind == "acknowledged"
    assert world.pass_time(3600).fired == 0
    assert owner(world) == "m-ben"


def test_texts_that_ask_nobody_any_more_do_not_leave(anas: World) -> None:
    with anas.database.writing() as session:
        page = session.scalars(select(Page)).one()
        handover.offer(session, anas.clock.moment, page, "m-ben", anas.settings)
        assert handover.decline(session, anas.clock.moment, page.id, "m-ben")
    anas.deliver_due()
    assert anas.carrier.to(anas.phone["ben"]) == []
    with anas.database.reading() as session:
        assert session.scalars(select(Handover.state)).all() == ["declined"]
