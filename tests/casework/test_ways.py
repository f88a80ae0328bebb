"""How a member is reached: their own ways, a test by one of them; who runs the school sees everybody's."""

import json

import pytest
from sqlalchemy import select, update

from notify import checkup
from notify.duty_tables import ContactMethod, OptOut
from notify.endings import ending_key
from notify.letters import ADDRESS
from notify.tables import Attempt
from tests.casework.test_offering import enter
from tests.casework.world import LINE, MINUTE, NUMBERS, SCHOOL, World
from vault import directory as directories
from vault.database import Database
from vault.keyed import number_key, seal_to_line
from vault.tables import AuditEvent

DAY = 24 * 60 * MINUTE
AFTERNOON = 13 * 60 * MINUTE
PHONE = {"ana": "+15550199", "ben": "+15550188", "dora": "+15550177"}


@pytest.fixture
def world(database: Database) -> World:
    """Ana has a phone and a mailbox, Ben a phone that nobody verified; Dora runs the school."""
    world = World(database)
    world.clock.moment += AFTERNOON
    with database.writing() as session:
        root, known = world.recovery.signer, world.directory
        directories.add_team(session, root, known, "office", SCHOOL.id, "administration", ["dora"])
    give(world, "ana", "sms", verified_at=1)
    give(world, "ana", "voice", rank=1, verified_at=1, after_s=60, quiet="22:00-06:30 America/Chicago")
    give(world, "ana", "email", rank=2, verified_at=1)
    give(world, "ben", "sms")
    give(world, "dora", "sms", verified_at=1)
    return world


def give(
    world: World, login: str, channel: str, number: str = "", name: str = "", **facts: int | str
) -> None:
    """``name``: of the way, where there is another of its channel."""
    way = {"id": name or f"{login}-{channel}", "responder_id": f"r-{login}", "channel": channel}
    number = number or PHONE[login]
    sealed = {"sealed_address": seal_to_line(LINE.public, ADDRESS, number.encode())}
    keys = {"address_key": number_key(NUMBERS, number), "ending_key": ending_key(NUMBERS, channel, number)}
    with world.database.writing() as session:
        session.add(ContactMethod(**way, **sealed, **keys, **facts))


def posted(world: World) -> list[Attempt]:
    with world.database.reading() as session:
        return list(session.scalars(select(Attempt).where(Attempt.kind == "test").order_by(Attempt.id)))


def end(world: World, state: str, code: str | None = None) -> None:
    """What became of all tests so far."""
    with world.database.writing() as session:
        session.execute(update(Attempt).where(Attempt.kind == "test").values(state=state, error_code=code))


def test_a_member_sees_their_own_ways_in_order_without_any_address(world: World) -> None:
    shown = enter(world, "ana").get("/ways").text
    places = [shown.index(f"<b>{name}</b>") for name in ("Text", "Call", "E-mail")]
    assert places == sorted(places)
    for words in ("at once", "60 s after the first", "others first 22:00-06:30", "verified"):
        assert words in shown
    assert "5550199" not in shown
    assert number_key(NUMBERS, "+15550199") not in shown
    assert "Ben Example" not in shown
    assert "not verified" in enter(world, "ben").get("/ways").text
    assert "You cannot be called" in enter(world, "sol").get("/ways").text


def test_of_two_phones_she_sees_which_is_which_and_nobody_else_does(world: World) -> None:
    give(world, "ana", "sms", number="+15550107", name="ana-other", rank=3)
    shown = enter(world, "ana").get("/ways").text
    for words in ("<b>Text</b> · phone that ends in 99", "<b>Call</b> · phone that ends in 99"):
        assert words in shown
    assert "<b>Text</b> · phone that ends in 07" in shown
    assert "<b>E-mail</b> · at once" in shown
    assert "ends in" not in enter(world, "dora").get("/ways").text.split("The others")[1]


def test_digits_of_a_phone_whose_hash_another_key_made_are_not_shown(world: World) -> None:
    with world.database.writing() as session:
        foreign = ending_key(b"another key", "sms", "+15550199")
        session.execute(update(ContactMethod).values(ending_key=foreign))
    shown = enter(world, "ana").get("/ways").text
    assert "<b>Text</b> · at once" in shown


def test_a_test_goes_by_that_way_alone_and_the_view_says_what_becomes_of_it(world: World) -> None:
    ana = enter(world, "ana")
    assert (
        "Within a minute it says: “Tipline: this is a test. Nobody needs you now.”" in ana.get("/ways").text
    )
    woken = world.waker.woken
    assert ana.post("/ways/test", way="ana-sms").location == "/ways?notice=tested"
    assert world.waker.woken > woken
    (sent,) = posted(world)
    assert (sent.method_id, sent.channel, sent.state) == ("ana-sms", "sms", "due")
    shown = ana.get("/ways").text
    assert "Test just now: on its way." in shown
    assert 'http-equiv="refresh"' in shown
    for state, code, words in (
        ("sent", None, "handed over; no word yet that it arrived"),
        ("failed", "21610", "refused: that phone sent STOP"),
        ("failed", "21211", "did not arrive: wrong, or it refuses us"),
        ("failed", "30034", "did not leave: our own account has a problem"),
        ("failed", "30003", "did not arrive this time"),
        ("delivered", None, "arrived"),
    ):
        end(world, state, code)
        assert f"Test just now: {words}" in ana.get("/ways").text
    assert 'http-equiv="refresh"' not in ana.get("/ways").text
    assert ("member:ana", "way_tested", "") in world.audited()


def test_a_call_that_nobody_picks_up_is_no_fault_of_the_phone(world: World) -> None:
    ana = enter(world, "ana")
    ana.get("/ways")
    ana.post("/ways/test", way="ana-voice")
    end(world, "failed", "no-answer")
    assert "Test just now: rang; nobody picked up." in ana.get("/ways").text
    with world.database.reading() as session:
        assert not any(one.faulty for one in checkup.look(session, world.clock.moment, ["r-ana"])["r-ana"])


def test_tests_are_one_a_minute_by_each_way_and_a_dozen_an_hour(world: World) -> None:
    ana = enter(world, "ana")
    ana.get("/ways")
    assert ana.post("/ways/test", way="ana-sms").location.endswith("tested")
    assert ana.post("/ways/test", way="ana-sms").location.endswith("test_soon")
    assert ana.post("/ways/test", way="ana-email").location.endswith("tested")
    for _ in range(10):
        world.clock.moment += MINUTE
        assert ana.post("/ways/test", way="ana-sms").location.endswith("tested")
    world.clock.moment += MINUTE
    assert ana.post("/ways/test", way="ana-sms").location.endswith("test_soon")
    assert "a dozen in this hour" in ana.get("/ways?notice=test_soon").text
    assert len(posted(world)) == 12


def test_nobody_sends_a_test_by_anothers_way_or_without_the_form(world: World) -> None:
    ben = enter(world, "ben")
    assert ben.post("/ways/test", way="ben-sms").status_code == 400
    ben.get("/ways")
    assert ben.post("/ways/test", way="ana-sms").status_code == 404
    assert ben.post("/ways/ask", person="r-ana").status_code == 404
    assert ben.get("/ways/test").status_code == 405
    assert posted(world) == []


def test_who_runs_the_school_sees_whose_ways_need_mending_and_sends_them_a_test(world: World) -> None:
    with world.database.writing() as session:
        session.add(OptOut(address_key=number_key(NUMBERS, PHONE["ana"]), at=1))
    dora = enter(world, "dora")
    shown = dora.get("/ways").text
    assert "sent STOP" in shown
    assert shown.index("Ben Example") < shown.index("Sol Example")
    assert "Cannot be called: no way to reach them is kept here." in shown
    assert "5550199" not in shown
    assert dora.post("/ways/ask", person="r-ana").location == "/ways?notice=test_asked"
    assert sorted(str(one.method_id) for one in posted(world)) == ["ana-email", "ana-sms", "ana-voice"]
    assert dora.post("/ways/ask", person="r-ana").location == "/ways?notice=test_soon"
    with world.database.reading() as session:
        asked = session.scalars(select(AuditEvent).where(AuditEvent.verb == "way_tested")).all()
    assert {(one.actor, json.loads(one.facts)["responder"]) for one in asked} == {("member:dora", "r-ana")}


def test_at_night_she_wakes_nobody_for_a_test(world: World) -> None:
    world.clock.moment += 10 * 60 * MINUTE
    dora = enter(world, "dora")
    dora.get("/ways")
    assert dora.post("/ways/ask", person="r-ana").location == "/ways?notice=test_night"
    assert dora.post("/ways/test", way="dora-sms").location == "/ways?notice=tested"
