"""A try without a known end: the provider is asked, and whatever it does not clearly show is sent again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from notify import letters
from notify.channels import ASK_S
from notify.deliver import deliver
from notify.errors import TransportError
from notify.paging import open_page
from notify.settings import milliseconds
from notify.tables import Attempt
from notify.webhooks import About, status
from tests.notify.world import LINE, World
from vault.keyed import seal_to_line


class PowerCutError(Exception):
    """Everything stops, in the middle of a delivery."""


def power_cut(_attempt_id: str) -> None:
    raise PowerCutError


def silence(_attempt_id: str) -> None:
    raise TransportError("timeout", permanent=False)


def written(world: World, urgency: str = "urgent") -> str:
    """An urgent page (one text) that nobody has delivered yet: its attempt."""
    with world.database.writing() as session:
        open_page(session, world.clock.moment, world.request(urgency), world.settings)
    return next(one for one in world.due() if world.attempts(id=one)[0].channel == "sms")


def break_off(world: World, attempt: str) -> None:
    """The provider takes the text, and nobody lives to note it."""
    world.carrier.meanwhile = power_cut
    with pytest.raises(PowerCutError):
        deliver(world.desk, attempt)


def row(world: World, attempt: str) -> Attempt:
    return world.attempts(id=attempt)[0]


def texts(world: World) -> list[str]:
    return world.carrier.to(world.phone["ana"])


def lose(world: World, what: str) -> None:
    """What the provider has of the last text: nothing, or that it failed, or other words."""
    to, text = world.carrier.outbox[0]
    changed = {
        "gone": [],
        "failed": [(to, replace(text, status="undelivered"))],
        "other words": [(to, replace(text, body="Reply 00000 if you have it."))],
        "long ago": [(to, replace(text, at=world.clock.moment - 3_600_000))],
    }
    world.carrier.outbox = changed[what]


@pytest.mark.parametrize("fate", [power_cut, silence])
def test_what_the_provider_took_is_not_sent_again(world: World, fate: Callable[[str], None]) -> None:
    attempt = written(world)
    world.carrier.meanwhile = fate
    if fate is power_cut:
        break_off(world, attempt)
    else:
        deliver(world.desk, attempt)
    world.pass_time(3.001)
    assert len(texts(world)) == 1
    assert (row(world, attempt).state, row(world, attempt).provider_id) == ("sent", "SM" + attempt)
    assert world.text("ana", world.code_of("ana")).kind == "acknowledged"


@pytest.mark.parametrize("what", ["gone", "failed", "other words", "long ago"])
def test_without_a_clear_yes_the_same_code_is_sent_once_more(world: World, what: str) -> None:
    attempt = written(world)
    break_off(world, attempt)
    lose(world, what)
    world.pass_time(3.001)
    first, second = texts(world)
    assert first == second
    assert row(world, attempt).state == "sent"


def test_a_provider_that_does_not_say_is_not_waited_for(world: World) -> None:
    attempt = written(world)
    break_off(world, attempt)
    world.carrier.refusals["asked"] = TransportError("timeout", permanent=False)
    world.pass_time(3.001)
    assert len(texts(world)) == 2
    assert world.carrier.asked == 1


def test_a_repeat_is_not_taken_for_the_text_before_it(world: World) -> None:
    """Step by step the same phone gets the same words: one text known to be another's counts for nothing."""
    world.settings = replace(world.settings, everyone_after_s=121, second_after_s=120)
    attempt = written(world)
    deliver(world.desk, attempt)
    world.pass_time(120)
    world.clock.moment += 1000
    world.carrier.refusals["sms"] = TransportError("timeout", permanent=False)
    world.pass_time(0)
    world.carrier.refusals.clear()
    world.pass_time(2)
    assert len(set(texts(world))) == 1
    assert len(texts(world)) == 2


def test_a_first_try_and_a_plain_refusal_ask_nothing(world: World) -> None:
    attempt = written(world)
    world.carrier.refusals["sms"] = TransportError("20500", permanent=False)
    deliver(world.desk, attempt)
    world.carrier.refusals.clear()
    world.pass_time(2)
    assert len(texts(world)) == 1
    assert world.carrier.asked == 0


def test_the_question_has_its_own_time_in_the_lease(world: World) -> None:
    attempt = written(world)
    break_off(world, attempt)
    lose(world, "gone")
    world.pass_time(3.001)
    world.carrier.meanwhile = power_cut
    with world.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE attempt SET state = 'due', error_code = 'timeout'")
    with pytest.raises(PowerCutError):
        deliver(world.desk, attempt)
    lease = milliseconds(world.settings.lease_s + ASK_S)
    assert row(world, attempt).lease_until == world.clock.moment + lease


@pytest.mark.parametrize("moment", ["before the lease ended", "after it"])
def test_a_status_tells_what_nobody_lived_to_note(world: World, moment: str) -> None:
    world.open("immediate")
    (call,) = world.attempts(channel="voice")
    claimed = {"state": "claimed", "token": "dead", "lease_until": world.clock.moment + 3000}
    released = {"state": "due", "token": None, "error_code": "unrecorded"}
    with world.database.writing() as session:
        broken_off = claimed if moment == "before the lease ended" else released
        session.execute(
            update(Attempt).where(Attempt.id == call.id).values(broken_off | {"provider_id": None})
        )
    with world.database.writing() as session:
        status(session, world.clock.moment, About("CAtaken", "voice", attempt_id=call.id), "ringing")
    world.pass_time(4)
    assert world.carrier.rung() == [world.phone["ana"]]
    assert (row(world, call.id).state, row(world, call.id).provider_id) == ("sent", "CAtaken")


def test_a_status_of_a_failed_try_does_not_stop_the_next(world: World) -> None:
    attempt = written(world)
    deliver(world.desk, attempt)
    for word in ("undelivered", "sent"):
        with world.database.writing() as session:
            about = About("SM" + attempt, attempt_id=attempt)
            status(session, world.clock.moment, about, word, "30003")
    world.pass_time(2)
    assert len(texts(world)) == 2


def post(world: World, body: str) -> str:
    """A counselor's reply to a texter; its attempt."""
    with world.database.writing() as session:
        return letters.post(
            session,
            world.clock.moment,
            school="north",
            rank=2,
            sender="line",
            sealed_to=seal_to_line(LINE.public, letters.ADDRESS, world.phone["ana"].encode()),
            sealed_body=seal_to_line(LINE.public, letters.BODY, body.encode()),
        )


def test_a_letter_that_the_provider_took_is_erased(world: World) -> None:
    letter = post(world, "We read it.")
    break_off(world, letter)
    world.pass_time(3.001)
    assert texts(world) == ["We read it."]
    assert row(world, letter).letter_id is None


def test_a_letter_is_not_taken_for_another_that_holds_its_words(world: World) -> None:
    """Both break off together, and of the two the provider has the longer one alone."""
    short, long = post(world, "Yes."), post(world, "Yes. Come to room 12.")
    break_off(world, short)
    world.carrier.texts.clear()
    world.carrier.outbox.clear()
    break_off(world, long)
    world.pass_time(3.001)
    assert sorted(texts(world)) == ["Yes.", "Yes. Come to room 12."]


def test_longer_digits_that_hold_a_code_are_not_its_page(world: World) -> None:
    attempt = written(world)
    break_off(world, attempt)
    code = world.code_of("ana")
    world.carrier.outbox = [
        (to, replace(text, body=f"Your code: 7{code}")) for to, text in world.carrier.outbox
    ]
    world.pass_time(3.001)
    assert len(texts(world)) == 2
