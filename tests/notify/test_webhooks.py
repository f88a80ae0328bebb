"""Status callbacks come early, late, twice and in any order; an attempt only goes forward."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from notify import letters
from notify.errors import TransportError
from notify.tables import Letter
from notify.webhooks import About, status
from tests.notify.world import LINE, World
from vault.keyed import seal_to_line


def tell(world: World, provider_id: str, state: str, code: str = "", attempt_id: str = "") -> str:
    with world.database.writing() as session:
        alarm = status(session, world.clock.moment, About(provider_id, attempt_id=attempt_id), state, code)
    world.deliver_due()
    return alarm


def texted(world: World) -> tuple[str, str]:
    """An urgent page's text: its attempt and the provider's id."""
    world.open("urgent")
    (row,) = world.attempts(channel="sms")
    return row.id, str(row.provider_id)


def state_of(world: World, attempt_id: str) -> str:
    return world.attempts(id=attempt_id)[0].state


def deliver_early(world: World) -> Callable[[str], None]:
    def tell_it(attempt_id: str) -> None:
        tell(world, "SM" + attempt_id, "delivered", "", attempt_id)

    return tell_it


@pytest.mark.parametrize("word", ["queued", "sending", "sent", "ringing", "in-progress", "whatever"])
def test_words_on_the_way_change_nothing(world: World, word: str) -> None:
    attempt, sid = texted(world)
    tell(world, sid, word)
    assert state_of(world, attempt) == "sent"


def test_delivered_stays_delivered_whatever_comes_late(world: World) -> None:
    attempt, sid = texted(world)
    for word in ("delivered", "sent", "undelivered", "delivered"):
        tell(world, sid, word)
    assert state_of(world, attempt) == "delivered"
    assert not world.carrier.rung()


def test_undelivered_text_calls_at_once(world: World) -> None:
    attempt, sid = texted(world)
    tell(world, sid, "undelivered", "30006")
    assert state_of(world, attempt) == "failed"
    assert world.carrier.rung() == [world.phone["ana"]]


def test_unreachable_phone_is_texted_once_more(world: World) -> None:
    attempt, sid = texted(world)
    tell(world, sid, "undelivered", "30003")
    assert state_of(world, attempt) == "due"
    world.pass_time(2)
    assert len(world.carrier.to(world.phone["ana"])) == 2
    tell(world, str(world.attempts(id=attempt)[0].provider_id), "undelivered", "30003", attempt)
    assert state_of(world, attempt) == "failed"


def test_repeated_callback_does_not_disturb_the_retry(world: World) -> None:
    attempt, sid = texted(world)
    for _ in range(3):
        tell(world, sid, "undelivered", "30003", attempt)
    assert state_of(world, attempt) == "due"


def test_late_delivery_spares_the_retry(world: World) -> None:
    attempt, sid = texted(world)
    tell(world, sid, "undelivered", "30003")
    tell(world, sid, "delivered")
    world.pass_time(60)
    assert state_of(world, attempt) == "delivered"
    assert len(world.carrier.to(world.phone["ana"])) == 1


def test_failure_before_our_own_commit_is_not_lost(world: World) -> None:
    def fail_early(attempt_id: str) -> None:
        tell(world, "SM" + attempt_id, "failed", "30006", attempt_id)

    world.carrier.meanwhile = fail_early
    attempt, _ = texted(world)
    assert state_of(world, attempt) == "failed"
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["ana"]]


def test_delivery_before_our_own_commit_is_kept(world: World) -> None:
    world.carrier.meanwhile = deliver_early(world)
    attempt, sid = texted(world)
    assert state_of(world, attempt) == "delivered"
    assert sid == "SM" + attempt


def test_callback_about_nothing_of_ours_is_ignored(world: World) -> None:
    attempt, _ = texted(world)
    assert tell(world, "SMforeign", "failed", "30007", attempt) == ""
    assert state_of(world, attempt) == "sent"


def test_unanswered_call_ends_and_nobody_waits_for_it(world: World) -> None:
    world.carrier.refusals["sms"] = TransportError("21614", permanent=True)
    world.open("immediate")
    (call,) = world.attempts(channel="voice")
    tell(world, str(call.provider_id), "no-answer")
    world.pass_time(0)
    assert world.carrier.rung() == [world.phone["ana"], world.phone["ben"]]


def test_filtered_text_sounds_the_system_alarm(world: World) -> None:
    _, sid = texted(world)
    assert tell(world, sid, "undelivered", "30007") == "system_30007"


def test_letter_delivered_early_is_erased(world: World) -> None:
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
    world.carrier.meanwhile = deliver_early(world)
    world.deliver_due()
    with world.database.reading() as session:
        assert session.scalars(select(Letter)).all() == []
    assert world.attempts()[0].state == "delivered"
