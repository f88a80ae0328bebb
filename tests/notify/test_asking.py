"""A text of which the carrier never told the end: it is asked once, after some minutes."""

from dataclasses import replace

import pytest

from notify import letters
from notify.asking import QUIET_MS, Asker
from notify.channels import Outlet
from notify.errors import TransportError
from notify.wake import Silent
from tests.notify.carrier import LINE_NUMBER, Carrier
from tests.notify.world import LINE, World
from vault.keyed import seal_to_line


@pytest.fixture
def asker(world: World) -> Asker:
    return Asker(world.database, world.clock, world.desk.outlets, Silent(), world.alarms)


def texted(world: World) -> tuple[str, str]:
    world.open("urgent")
    (row,) = world.attempts(channel="sms")
    return row.id, str(row.provider_id)


def test_a_text_that_did_not_arrive_calls_although_nobody_told_us(world: World, asker: Asker) -> None:
    attempt, sid = texted(world)
    world.carrier.states[sid] = ("undelivered", "30006")
    assert asker.ask() == 0
    world.clock.moment += QUIET_MS
    assert asker.ask() == 1
    world.deliver_due()
    assert world.attempts(id=attempt)[0].state == "failed"
    assert world.carrier.rung() == [world.phone["ana"]]


def test_its_alarm_is_sounded(world: World, asker: Asker) -> None:
    _, sid = texted(world)
    world.carrier.states[sid] = ("undelivered", "30007")
    world.clock.moment += QUIET_MS
    asker.ask()
    assert world.alarms.sounded == ["system_30007"]


def test_one_that_is_still_on_its_way_is_asked_for_once(world: World, asker: Asker) -> None:
    attempt, sid = texted(world)
    world.clock.moment += QUIET_MS
    assert asker.ask() == 1
    world.clock.moment += QUIET_MS
    assert asker.ask() == 0
    assert world.carrier.asked_for == [sid]
    assert world.attempts(id=attempt)[0].state == "sent"


def test_one_that_was_told_is_not_asked_for(world: World, asker: Asker) -> None:
    attempt, sid = texted(world)
    world.carrier.states[sid] = ("delivered", "")
    world.clock.moment += QUIET_MS
    asker.ask()
    assert world.attempts(id=attempt)[0].state == "delivered"
    assert asker.ask() == 0


def test_a_call_is_asked_for_too(world: World, asker: Asker) -> None:
    world.carrier.refusals["sms"] = TransportError("21614", permanent=True)
    world.open("immediate")
    (call,) = world.attempts(channel="voice")
    world.carrier.states[str(call.provider_id)] = ("no-answer", "")
    world.clock.moment += QUIET_MS
    assert asker.ask() == 1
    assert world.attempts(id=call.id)[0].error_code == "no-answer"


def test_the_next_try_is_asked_for_anew(world: World, asker: Asker) -> None:
    attempt, sid = texted(world)
    again = f"{sid}-again"
    world.carrier.states = dict.fromkeys((sid, again), ("undelivered", "30003"))
    for _ in range(2):
        world.clock.moment += QUIET_MS
        asker.ask()
        world.deliver_due()
        world.clock.moment += QUIET_MS
        world.deliver_due()
    assert world.attempts(id=attempt)[0].state == "failed"
    assert len(world.carrier.to(world.phone["ana"])) == 2
    assert {sid, again} <= set(world.carrier.asked_for)


def test_the_line_is_asked_about_its_own_letters(world: World, asker: Asker) -> None:
    line = Carrier()
    asker = replace(asker, outlets={**world.desk.outlets, "line": Outlet(LINE_NUMBER, line)})
    with world.database.writing() as session:
        letters.post(
            session,
            world.clock.moment,
            school="north",
            rank=2,
            sender="line",
            sealed_to=seal_to_line(LINE.public, letters.ADDRESS, b"+15550300"),
            sealed_body=seal_to_line(LINE.public, letters.BODY, b"We read it."),
        )
    world.deliver_due()
    (letter,) = world.attempts(kind="letter")
    line.states[str(letter.provider_id)] = ("delivered", "")
    world.clock.moment += QUIET_MS
    asker.ask()
    assert line.asked_for == [letter.provider_id]
    assert world.carrier.asked_for == []
    assert world.attempts(id=letter.id)[0].state == "delivered"


def test_a_carrier_that_does_not_answer_is_asked_again(world: World, asker: Asker) -> None:
    attempt, sid = texted(world)
    world.carrier.refusals["state"] = TransportError("timeout", permanent=False)
    world.clock.moment += QUIET_MS
    assert asker.ask() == 0
    assert world.attempts(id=attempt)[0].state == "sent"
    world.carrier.refusals.clear()
    world.carrier.states[sid] = ("undelivered", "30006")
    assert asker.ask() == 1
    assert world.attempts(id=attempt)[0].state == "failed"


def test_a_carrier_that_knows_nothing_of_it_is_not_asked_again(world: World, asker: Asker) -> None:
    attempt, _ = texted(world)
    world.carrier.refusals["state"] = TransportError("20404", permanent=True)
    world.clock.moment += QUIET_MS
    assert asker.ask() == 1
    assert asker.ask() == 0
    assert world.attempts(id=attempt)[0].state == "sent"
