"""The relay, its hands and its wake-up, as they run in the pager."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notify.deliver import deliver
from notify.hands import ThreadHands
from notify.paging import open_page
from notify.relay import Relay
from notify.wake import DatagramListener, DatagramWaker
from tests.notify.world import World
from tests.waiting import eventually


class Busy:
    """Hands that note what they are given and do nothing."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.given: list[str] = []

    def free(self) -> int:
        return self.room - len(self.given)

    def take(self, attempt_id: str) -> None:
        self.given.append(attempt_id)

    def close(self) -> list[str]:
        return self.given


def relay(world: World, hands: Busy | ThreadHands, listener: DatagramListener) -> Relay:
    return Relay(
        database=world.database,
        clock=world.clock,
        hands=hands,
        settings=world.settings,
        listener=listener,
        breaker=world.breaker,
        alarm=world.alarms,
    )


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[DatagramListener]:
    made = DatagramListener(tmp_path / "pager.sock")
    yield made
    made.close()


@pytest.fixture
def waker(tmp_path: Path) -> Iterator[DatagramWaker]:
    made = DatagramWaker(tmp_path / "pager.sock")
    yield made
    made.close()


@contextmanager
def running(made: Relay, waker: DatagramWaker) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=made.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        waker.wake()
        thread.join()


def write_pages(world: World, count: int) -> None:
    with world.database.writing() as session:
        for number in range(count):
            request = world.request("urgent", subject=f"case {number}")
            open_page(session, world.clock.moment, request, world.settings)


def delivering(world: World) -> Callable[[str], bool]:
    return lambda attempt_id: deliver(world.desk, attempt_id)


def test_wake_up_delivers_at_once(world: World, listener: DatagramListener, waker: DatagramWaker) -> None:
    hands = ThreadHands(2, delivering(world), waker)
    with running(relay(world, hands, listener), waker):
        write_pages(world, 1)
        waker.wake()
        eventually(lambda: world.carrier.texts)


def test_lost_wake_up_costs_a_sweep(world: World, listener: DatagramListener, waker: DatagramWaker) -> None:
    hands = ThreadHands(2, delivering(world), waker)
    with running(relay(world, hands, listener), waker):
        write_pages(world, 1)
        eventually(lambda: world.carrier.texts, seconds=3)


def test_more_pages_than_hands_are_all_sent_once(
    world: World, listener: DatagramListener, waker: DatagramWaker
) -> None:
    write_pages(world, 100)
    hands = ThreadHands(2, delivering(world), waker)
    with running(relay(world, hands, listener), waker):
        eventually(lambda: len(world.carrier.texts) >= 100, seconds=30)
    assert len(world.carrier.texts) == 100


def test_deadlines_fire_without_anybody_waking(
    world: World, listener: DatagramListener, waker: DatagramWaker
) -> None:
    world.open("immediate")
    hands = ThreadHands(2, delivering(world), waker)
    with running(relay(world, hands, listener), waker):
        world.clock.moment += 120_000
        eventually(lambda: world.phone["ben"] in world.carrier.rung(), seconds=5)


def test_only_as_much_is_hinted_as_hands_are_free(world: World, listener: DatagramListener) -> None:
    write_pages(world, 10)
    hands = Busy(4)
    made = relay(world, hands, listener)
    assert [made.point(), made.point()] == [True, False]
    assert len(hands.given) == 4
    assert len(world.attempts(hinted_until=0)) == 6


def test_page_for_nobody_sounds_the_alarm(world: World, listener: DatagramListener) -> None:
    world.open("immediate", teams=("nowhere",))
    relay(world, Busy(4), listener).sweep_once()
    assert world.alarms.sounded == ["nobody_reachable"]


def test_on_stop_hints_are_released(world: World, listener: DatagramListener) -> None:
    write_pages(world, 3)
    stop = threading.Event()
    hands = Busy(4)
    made = relay(world, hands, listener)
    made.point()
    assert world.due() == []
    stop.set()
    made.run(stop)
    assert sorted(world.due()) == sorted(hands.given)


def test_closing_hands_finish_what_they_send_and_give_back_the_rest(waker: DatagramWaker) -> None:
    going, release, done = threading.Event(), threading.Event(), []

    def slow(attempt_id: str) -> None:
        going.set()
        release.wait(10)
        done.append(attempt_id)

    hands = ThreadHands(1, slow, waker)
    for attempt_id in ("first", "second", "first"):
        hands.take(attempt_id)
    assert hands.free() == 0
    assert going.wait(10)
    threading.Timer(0.05, release.set).start()
    assert hands.close() == ["second"]
    assert done == ["first"]


def test_a_hand_outlives_an_error(waker: DatagramWaker) -> None:
    done: list[str] = []

    def fragile(attempt_id: str) -> None:
        if attempt_id == "bad":
            raise RuntimeError
        done.append(attempt_id)

    hands = ThreadHands(1, fragile, waker)
    hands.take("bad")
    hands.take("good")
    eventually(lambda: done)
    assert hands.close() == []


def test_many_wake_ups_are_one(listener: DatagramListener, waker: DatagramWaker) -> None:
    for _ in range(50):
        waker.wake()
    assert listener.wait(1)
    assert not listener.wait(0)


def test_waking_nobody_is_no_error(tmp_path: Path) -> None:
    waker = DatagramWaker(tmp_path / "nobody.sock")
    waker.wake()
    waker.close()


def test_listener_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "pager.sock"
    first = DatagramListener(path)
    second, waker = DatagramListener(path), DatagramWaker(path)
    first.close()
    waker.wake()
    assert second.wait(1)
    assert oct(path.stat().st_mode & 0o777) == "0o660"
    second.close()
    waker.close()
