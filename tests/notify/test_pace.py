"""How fast texts leave, on rows alone: urgent first, schools in turn, no phone flooded, nobody forgotten."""

import re
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from notify import claims, leases, letters, pace
from notify.acknowledge import by_text
from notify.deliver import JOINED_MOST, deliver
from notify.duty_tables import ContactMethod
from notify.hands import ThreadHands
from notify.paging import open_page
from notify.relay import Relay
from notify.settings import PagingSettings
from notify.sweep import sweep
from notify.tables import Attempt, PageCode
from notify.wake import DatagramListener, DatagramWaker
from notify.watchman import Watchman
from notify.webhooks import About, answer_text, status
from tests.notify.test_races import at_once
from tests.notify.world import LINE, SECRET, World
from tests.waiting import eventually
from vault.keyed import number_key, seal_to_line

REFERENCES = ("K7QM-29TX", "M3WA-88QF", "R2DZ-41LK", "T9HV-67PB", "W5CN-33YG")


@pytest.fixture
def paced(world: World) -> World:
    """One text a second from a number, one in five seconds to a phone."""
    world.keep_pace(PagingSettings())
    return world


def write(world: World, urgency: str, *numbers: int) -> None:
    """Pages that nobody has delivered yet, each of its own case."""
    with world.database.writing() as session:
        for number in numbers:
            request = world.request(urgency, subject=f"case {number}", reference=REFERENCES[number])
            open_page(session, world.clock.moment, request, world.settings)


def post(world: World, body: str, school: str = "north", rank: int = 3, sender: str = "pager") -> None:
    with world.database.writing() as session:
        letters.post(
            session,
            world.clock.moment,
            school=school,
            rank=rank,
            sender=sender,
            sealed_to=seal_to_line(LINE.public, letters.ADDRESS, b"+15550300"),
            sealed_body=seal_to_line(LINE.public, letters.BODY, body.encode()),
        )


def choose(world: World, limit: int = 16) -> pace.Picked:
    """What a relay points at now."""
    with world.database.writing() as session:
        now = world.clock.moment
        picked = pace.pick(session, now, limit, (), world.settings)
        claims.hint(session, now, picked.ids, now + 3000)
    return picked


def send(world: World) -> pace.Picked:
    """A relay's rounds of this moment, and their deliveries."""
    while (picked := choose(world)).ids:
        for attempt in picked.ids:
            deliver(world.desk, attempt)
    return picked


def let_flow(world: World, seconds: float) -> list[float]:
    """Send whenever a lane becomes free; how many seconds from now each text left."""
    began, left = world.clock.moment, list[float]()
    while world.clock.moment <= began + seconds * 1000:
        sent, again_at = len(world.carrier.texts), send(world).again_at
        left += [(world.clock.moment - began) / 1000] * (len(world.carrier.texts) - sent)
        if again_at is None:
            break
        world.clock.moment = again_at
    return left


def test_one_text_a_second_leaves_a_number_and_calls_wait_for_none(paced: World) -> None:
    write(paced, "immediate", 0)
    send(paced)
    for _ in ("second", "everyone"):
        paced.clock.moment += 120_000
        with paced.database.writing() as session:
            sweep(session, paced.clock.moment)
    texts, calls = len(paced.carrier.texts), len(paced.carrier.calls)
    assert let_flow(paced, 10) == [0, 1, 2]
    assert (len(paced.carrier.texts) - texts, len(paced.carrier.calls) - calls) == (3, 3)


def test_an_immediate_page_is_the_next_text_whatever_waits(paced: World) -> None:
    for number in range(5):
        post(paced, f"answer {number}")
    send(paced)
    assert len(paced.carrier.texts) == 1
    write(paced, "immediate", 0)
    assert let_flow(paced, 1) == [1]
    assert "IMMEDIATE" in paced.carrier.texts[1][1]
    assert paced.carrier.rung() == [paced.phone["ana"]]


def test_whoever_asks_goes_before_whoever_only_tells(paced: World) -> None:
    write(paced, "immediate", 0)
    send(paced)
    paced.clock.moment += 120_000
    with paced.database.writing() as session:
        sweep(session, paced.clock.moment)
    send(paced)
    paced.clock.moment += 10_000
    with paced.database.writing() as session:
        key = number_key(SECRET, paced.phone["ben"])
        by_text(session, paced.clock.moment, paced.directory, key, paced.code_of("ben"))
    write(paced, "immediate", 1)
    let_flow(paced, 10)
    first, second = paced.carrier.to(paced.phone["ana"])[-2:]
    assert REFERENCES[1] in first
    assert "Ben has case" in second


def test_schools_take_turns_one_text_at_a_time(paced: World) -> None:
    for number in range(3):
        post(paced, f"flood {number}", school="flood")
    paced.clock.moment += 1
    post(paced, "small", school="small")
    let_flow(paced, 10)
    assert [body.split()[0] for _, body in paced.carrier.texts][:2] == ["flood", "small"]
    assert len(paced.carrier.texts) == 4


def test_pages_to_one_phone_become_one_text_that_says_how_many(paced: World) -> None:
    write(paced, "urgent", 0, 1, 2)
    assert let_flow(paced, 10) == [0]
    (text,) = paced.carrier.to(paced.phone["ana"])
    assert "3 cases" in text
    codes = codes_in(text)
    assert len(set(codes.values())) == 3
    assert [one.state for one in paced.attempts(channel="sms")] == ["sent"] * 3
    assert paced.text("ana", codes[REFERENCES[1]]).reference == REFERENCES[1]
    states = {one.reference: one.state for one in map(paced.page, page_ids(paced))}
    assert states == {REFERENCES[0]: "open", REFERENCES[1]: "acknowledged", REFERENCES[2]: "open"}


def codes_in(text: str) -> dict[str, str]:
    """By reference, the digits with which a joined text says that it is taken."""
    return dict(re.findall(r"(\S+): Reply (\d{5})", text))


def page_ids(world: World) -> list[str]:
    return [str(one.page_id) for one in world.attempts(channel="sms", kind="page")]


def test_several_codes_in_one_answer_take_each_their_own_case(paced: World) -> None:
    write(paced, "urgent", 0, 1, 2)
    send(paced)
    (text,) = paced.carrier.to(paced.phone["ana"])
    codes = codes_in(text)
    both = f"{codes[REFERENCES[0]]} and {codes[REFERENCES[2]]}"
    answer = answer_text(paced.text("ana", both))
    assert [one.split()[3] for one in answer.splitlines()] == [f"{REFERENCES[0]}.", f"{REFERENCES[2]}."]
    assert sorted(paced.page(one).state for one in page_ids(paced)) == [
        "acknowledged",
        "acknowledged",
        "open",
    ]


def test_what_comes_meanwhile_waits_five_seconds_for_that_phone_alone(paced: World) -> None:
    write(paced, "urgent", 0)
    send(paced)
    paced.clock.moment += 1000
    write(paced, "urgent", 1, 2)
    post(paced, "to somebody else")
    assert let_flow(paced, 10) == [0, 4]
    assert "2 cases" in paced.carrier.to(paced.phone["ana"])[1]


def test_immediate_does_not_wait_because_something_calmer_went_to_that_phone(paced: World) -> None:
    write(paced, "urgent", 0)
    send(paced)
    paced.clock.moment += 1000
    write(paced, "immediate", 1)
    assert let_flow(paced, 10) == [0]


def test_a_code_of_a_text_that_still_waits_means_nothing_yet(paced: World) -> None:
    write(paced, "urgent", 0)
    send(paced)
    write(paced, "urgent", 1)
    with paced.database.reading() as session:
        code = waiting_code(session)
    assert paced.text("ana", code).kind == "unknown_code"


def waiting_code(session: Session) -> str:
    return session.scalars(select(PageCode.code).where(PageCode.sent_at.is_(None))).one()


def test_a_joined_text_counts_only_what_it_names(paced: World) -> None:
    with paced.database.writing() as session:
        for number in range(JOINED_MOST + 2):
            request = paced.request("urgent", subject=f"case {number}")
            open_page(session, paced.clock.moment, request, paced.settings)
    assert let_flow(paced, 10) == [0, 5]
    first, second = paced.carrier.to(paced.phone["ana"])
    assert f"{JOINED_MOST} cases" in first
    assert "2 cases" in second


def test_a_joined_text_that_does_not_arrive_calls_for_each_case(paced: World) -> None:
    write(paced, "urgent", 0, 1)
    send(paced)
    (sid,) = {one.provider_id for one in paced.attempts(channel="sms")}
    with paced.database.writing() as session:
        status(session, paced.clock.moment, About(str(sid)), "undelivered", "30006")
    send(paced)
    assert len(paced.carrier.rung()) == 2
    assert {one.state for one in paced.attempts(channel="sms")} == {"failed"}


def test_an_address_that_does_not_open_takes_no_joined_text_with_it(paced: World) -> None:
    """Two who share a phone; the number of one was sealed to another key."""
    write(paced, "urgent", 0, 1)
    first, second = paced.due()
    with paced.database.writing() as session:
        spoiled, whole = session.get_one(ContactMethod, "ana-sms"), session.get_one(ContactMethod, "ben-sms")
        whole.sealed_address, whole.address_key = spoiled.sealed_address, spoiled.address_key
        spoiled.sealed_address = b"sealed to another key"
        session.get_one(Attempt, second).method_id = whole.id
    let_flow(paced, 10)
    assert {one.id: (one.state, one.error_code) for one in paced.attempts(channel="sms")} == {
        first: ("failed", "cannot_open"),
        second: ("sent", None),
    }
    assert len(paced.carrier.to(paced.phone["ana"])) == 1
    assert paced.alarms.sounded == ["system_cannot_open"]


def test_an_early_status_of_a_joined_text_is_about_all_of_it(paced: World) -> None:
    def tell(attempt_id: str) -> None:
        with paced.database.writing() as session:
            about = About("SM" + attempt_id, attempt_id=attempt_id)
            status(session, paced.clock.moment, about, "delivered")

    write(paced, "urgent", 0, 1)
    paced.carrier.meanwhile = tell
    send(paced)
    assert {one.state for one in paced.attempts(channel="sms")} == {"delivered"}


def test_a_joined_text_that_was_taken_before_a_crash_is_not_repeated(paced: World) -> None:
    class PowerCutError(Exception):
        pass

    def crash(_attempt_id: str) -> None:
        raise PowerCutError

    write(paced, "urgent", 0, 1, 2)
    paced.carrier.meanwhile = crash
    with pytest.raises(PowerCutError):
        send(paced)
    paced.clock.moment += 3001
    with paced.database.writing() as session:
        leases.release_expired(session, paced.clock.moment)
    let_flow(paced, 30)
    assert len(paced.carrier.to(paced.phone["ana"])) == 1
    assert {one.state for one in paced.attempts(channel="sms")} == {"sent"}


def test_a_text_that_waits_its_turn_is_no_alarm_until_it_waits_long(paced: World) -> None:
    watchman = Watchman(paced.database, paced.clock, paced.alarms)
    for number in range(130):
        post(paced, f"answer {number}")
    let_flow(paced, 20)
    assert watchman.look() == ()
    paced.clock.moment += 10_000
    assert watchman.look() == ("attempt_late",)
    let_flow(paced, 95)
    assert paced.attempts(state="due")
    assert watchman.look() == ("attempt_late",)


@pytest.mark.parametrize("back", [60_000, 3_600_000, 365 * 24 * 3_600_000])
def test_a_clock_that_is_set_back_stops_no_text(paced: World, back: int) -> None:
    post(paced, "before")
    write(paced, "urgent", 0)
    let_flow(paced, 10)
    assert len(paced.carrier.texts) == 2
    paced.clock.moment -= back
    write(paced, "urgent", 1)
    post(paced, "after")
    assert let_flow(paced, 10) == [0, 1]


def test_after_a_clock_was_set_back_schools_take_turns_again(paced: World) -> None:
    post(paced, "flood 0", school="flood")
    let_flow(paced, 1)
    paced.clock.moment -= 3_600_000
    post(paced, "small 0", school="small")
    let_flow(paced, 1)
    paced.clock.moment += 1000
    for number in (1, 2):
        post(paced, f"small {number}", school="small")
    paced.clock.moment += 1
    post(paced, "flood 1", school="flood")
    send(paced)
    assert paced.carrier.texts[-1][1].startswith("flood 1")


def test_a_lane_that_a_wrong_clock_holds_excuses_no_late_text(paced: World) -> None:
    watchman = Watchman(paced.database, paced.clock, paced.alarms, paced.settings)
    post(paced, "before")
    let_flow(paced, 1)
    paced.clock.moment -= 3_600_000
    post(paced, "after")
    paced.clock.moment += 15_001
    assert watchman.look() == ("attempt_late",)


def test_relays_of_which_one_began_earlier_keep_one_pace(paced: World) -> None:
    for number in range(2):
        post(paced, f"answer {number}")
    paced.clock.moment += 300
    assert len(choose(paced).ids) == 1
    paced.clock.moment -= 300
    assert choose(paced).ids == []


def test_of_relays_in_the_same_moment_one_has_the_number(paced: World) -> None:
    for number in range(4):
        post(paced, f"answer {number}")
    chosen = [one for picked in at_once(*[lambda: choose(paced).ids] * 4) for one in picked]  # type: ignore[attr-defined]
    assert len(chosen) == 1


@pytest.mark.parametrize(("ours", "line"), [(0, 3), (3, 0)])
def test_relays_take_lanes_in_one_order_whatever_is_urgent(paced: World, ours: int, line: int) -> None:
    """Two that took them in each their own would wait for one another, and one would be broken off."""
    taken: list[str] = []

    def note(*call: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        if "INSERT INTO pace" in call[2]:
            taken.append(next(str(lane) for lane in _values(call[3]) if ":" in str(lane)))

    post(paced, "ours", school="south", rank=ours)
    post(paced, "of the line", school="north", rank=line, sender="line")
    event.listen(paced.database.engine, "before_cursor_execute", note)
    send(paced)
    assert taken == ["number:line", "number:pager", "school:north", "school:south"]


def _values(facts: Any) -> Iterable[object]:  # noqa: ANN401 - a mapping or a sequence, as the driver has it
    return facts.values() if isinstance(facts, dict) else facts


def test_texts_take_no_more_hands_than_there_are(paced: World) -> None:
    write(paced, "immediate", 0, 1, 2)
    post(paced, "calmer")
    assert len(choose(paced, limit=2).ids) == 2


def test_a_relay_looks_again_when_a_lane_becomes_free(world: World, tmp_path: Path) -> None:
    """Without waiting for the sweep: five texts at twenty a second take a quarter of one."""
    world.keep_pace(PagingSettings(texts_per_s=20, sweep_s=30))
    listener, waker = DatagramListener(tmp_path / "wake"), DatagramWaker(tmp_path / "wake")
    hands = ThreadHands(2, lambda attempt: deliver(world.desk, attempt), waker)
    clock = RunningClock()
    relay = Relay(world.database, clock, hands, world.settings, listener, world.breaker, world.alarms)
    for number in range(5):
        post(world, f"answer {number}")
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: len(world.carrier.texts) == 5, 10)
    finally:
        stop.set()
        waker.wake()
        thread.join()
        listener.close()
        waker.close()


class RunningClock:
    def now(self, session: Session) -> int:
        del session
        return time.time_ns() // 1_000_000 + 10**12  # beyond every deadline of the story
