"""Delivery through a real queue server: it may die, freeze or lose everything; the rows decide."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from rq.suspension import suspend

from notify import jobs, rq_worker
from notify.deliver import deliver
from notify.hands import ThreadHands
from notify.notices import NoticeListener
from notify.paging import open_page
from notify.relay import Relay
from notify.rq_hands import QUEUE, WORKERS_KEY, RqHands
from tests.notify.world import World
from tests.servers import Valkey
from tests.waiting import eventually
from vault.database import Database

PROMISED_S = 5
KEY = f"rq:queue:{QUEUE}"


@pytest.fixture
def world(postgresql_database: Database) -> World:
    return World.with_counselors(postgresql_database)


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A server of one's own, to do bad things to."""
    server = Valkey()
    server.start()
    yield server
    server.signal(signal.SIGCONT)
    server.stop()


@pytest.fixture
def queue(valkey: Valkey) -> str:
    return valkey.new_address()


@contextmanager
def workers(queue: str, deliver_one: Callable[[str], object], count: int = 2) -> Iterator[None]:
    """``count`` workers, and the threads that they bring ids to."""
    crew = jobs.Crew(count, deliver_one)
    jobs.work_with(crew)
    stop = threading.Event()
    running = [threading.Thread(target=rq_worker.work, args=(queue, stop), daemon=True) for _ in range(count)]
    for one in running:
        one.start()
    try:
        with Redis.from_url(queue) as redis:
            eventually(lambda: redis.scard(WORKERS_KEY) == count)
        yield
    finally:
        stop.set()
        crew.close()
        for one in running:
            one.join(10)


@contextmanager
def relaying(world: World, queue: str) -> Iterator[NoticeListener]:
    """A relay that hands out through ``queue``, with two threads of its own behind it."""
    listener = NoticeListener(world.database.url)
    inline = ThreadHands(2, lambda attempt_id: deliver(world.desk, attempt_id), listener)
    relay = Relay(
        database=world.database,
        clock=world.clock,
        hands=RqHands(queue, inline, listener, world.settings.hint_s),
        settings=world.settings,
        listener=listener,
        breaker=world.breaker,
        alarm=world.alarms,
    )
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        yield listener
    finally:
        stop.set()
        listener.wake()
        thread.join()
        listener.close()


def write_pages(world: World, count: int, urgency: str = "urgent") -> None:
    with world.database.writing() as session:
        for number in range(count):
            request = world.request(urgency, subject=f"{urgency} {number}")
            open_page(session, world.clock.moment, request, world.settings)


def delivering(world: World) -> Callable[[str], object]:
    return lambda attempt_id: deliver(world.desk, attempt_id)


def test_pages_go_out_through_the_queue_once_each(world: World, queue: str) -> None:
    by: list[str] = []

    def noting(attempt_id: str) -> None:
        by.append(attempt_id)
        deliver(world.desk, attempt_id)

    with workers(queue, noting), relaying(world, queue) as listener:
        write_pages(world, 40)
        listener.wake()
        eventually(lambda: len(world.carrier.texts) == 40, 20)
    assert len(by) >= 40
    assert len(world.carrier.texts) == 40


def test_the_queue_holds_ids_and_nothing_else(world: World, queue: str) -> None:
    with Redis.from_url(queue) as redis:
        redis.sadd(WORKERS_KEY, "somebody")
        inline = ThreadHands(1, delivering(world), world.desk.waker)
        hands = RqHands(queue, inline, world.desk.waker, 3)
        write_pages(world, 1)
        (attempt_id,) = world.due()
        assert hands.free() == 2
        hands.take(attempt_id)
        held = redis.hgetall(f"rq:job:{attempt_id}")
        assert 0 < redis.ttl(f"rq:job:{attempt_id}") <= 3
        hands.close()
    told = b" ".join(held.values()).decode("latin-1")
    for content in (*world.phone.values(), "K7QM", "urgent", "ana"):
        assert content not in told
    assert not world.carrier.texts


def test_that_nobody_listens_any_more_is_noticed_as_an_id_is_given(world: World, queue: str) -> None:
    write_pages(world, 1)
    (attempt_id,) = world.due()
    with Redis.from_url(queue) as redis:
        redis.sadd(WORKERS_KEY, "somebody")
        hands = RqHands(queue, ThreadHands(1, delivering(world), world.desk.waker), world.desk.waker, 3)
        assert hands.free() == 2
        redis.delete(WORKERS_KEY)
        hands.take(attempt_id)
        eventually(lambda: world.carrier.texts)
        hands.close()


def test_the_same_job_three_times_sends_once(world: World) -> None:
    write_pages(world, 1)
    (attempt_id,) = world.due()
    crew = jobs.Crew(3, delivering(world))
    jobs.work_with(crew)
    for _ in range(3):
        jobs.deliver_job(attempt_id)
    crew.close()
    assert len(world.carrier.texts) == 1


def test_a_job_lets_no_error_through() -> None:
    done = threading.Event()

    def broken(_attempt_id: str) -> None:
        done.set()
        raise RuntimeError("a name, a number, a message")

    crew = jobs.Crew(1, broken)
    jobs.work_with(crew)
    jobs.deliver_job("one")
    crew.close()
    assert done.is_set()
    jobs.deliver_job("a crew that is gone")


def test_a_worker_runs_only_what_is_ours(world: World, queue: str) -> None:
    """Who reaches Redis may name another function, or none: the id is delivered, nothing else is run.

    Nor can they tell a worker to wait.
    """
    write_pages(world, 2)
    attempt_id, other = world.due()
    with workers(queue, delivering(world)), Redis.from_url(queue) as redis:
        suspend(redis)
        redis.rpush(KEY, other)
        foreign = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
        foreign.enqueue_call("sys.exit", args=(1,), job_id=attempt_id)
        eventually(lambda: len(world.carrier.texts) == 2)
        assert not redis.exists(f"{KEY}:intermediate")


@pytest.mark.parametrize("fate", ["gone", "frozen"])
def test_without_redis_pages_are_delivered_here(world: World, valkey: Valkey, queue: str, fate: str) -> None:
    with relaying(world, queue) as listener, ExitStack() as stack:
        stack.enter_context(workers(queue, delivering(world)))
        if fate == "gone":
            valkey.kill()
            stack.callback(valkey.start)
        else:
            valkey.signal(signal.SIGSTOP)
            stack.callback(valkey.signal, signal.SIGCONT)
        began = time.monotonic()
        write_pages(world, 4)
        listener.wake()
        eventually(lambda: len(world.carrier.texts) == 4, PROMISED_S)
        assert time.monotonic() - began < PROMISED_S


def test_nobody_listens_and_pages_are_delivered_here(world: World, queue: str) -> None:
    with relaying(world, queue) as listener:
        write_pages(world, 4)
        listener.wake()
        eventually(lambda: len(world.carrier.texts) == 4, PROMISED_S)


def test_workers_that_died_without_a_word_delay_a_page_by_its_hint(queue: str, world: World) -> None:
    with Redis.from_url(queue) as redis:
        redis.sadd(WORKERS_KEY, "killed")
    with relaying(world, queue) as listener:
        write_pages(world, 1)
        listener.wake()
        started = time.monotonic()
        while not world.carrier.texts and time.monotonic() - started < PROMISED_S + 2:
            world.clock.moment += 50
            threading.Event().wait(0.05)
    assert world.carrier.texts


def test_workers_outlive_the_queue_server_and_are_used_again(
    world: World, valkey: Valkey, queue: str
) -> None:
    by: list[str] = []

    def noting(attempt_id: str) -> None:
        by.append(attempt_id)
        deliver(world.desk, attempt_id)

    with workers(queue, noting), relaying(world, queue) as listener:
        valkey.kill()
        write_pages(world, 1)
        listener.wake()
        eventually(lambda: world.carrier.texts, PROMISED_S)
        assert not by
        valkey.start()
        for number in range(40):
            with world.database.writing() as session:
                request = world.request("urgent", subject=f"later {number}")
                open_page(session, world.clock.moment, request, world.settings)
            listener.wake()
            eventually(lambda: not world.due() and not world.attempts(state="claimed"), PROMISED_S)
            if by:
                break
            threading.Event().wait(0.3)
    assert by


@pytest.mark.slow
def test_overload_urgent_first_and_the_queue_stays_short(world: World, queue: str) -> None:
    """500 due, a carrier that takes 50 ms, two workers: all sent once, the more urgent before the rest."""
    order: list[str] = []
    slow = threading.Event()

    def slowly(attempt_id: str) -> None:
        slow.wait(0.05)
        if deliver(world.desk, attempt_id):
            order.append(attempt_id)

    write_pages(world, 400, "urgent")
    write_pages(world, 50, "immediate")
    immediate = {one.id for one in world.attempts(rank=0)}
    assert len(immediate) == 100
    longest = 0
    with Redis.from_url(queue) as redis, workers(queue, slowly), relaying(world, queue):
        end = time.monotonic() + 60
        while len(order) < 500 and time.monotonic() < end:
            longest = max(longest, int(redis.llen(KEY)))
            threading.Event().wait(0.01)
    assert len(order) == len(set(order)) == 500
    # Who took the first of the others may be done before who has the last immediate one.
    assert immediate <= set(order[:101])
    assert longest <= 4


@pytest.mark.slow
def test_two_relays_over_a_thousand_rows_send_each_once(world: World, queue: str) -> None:
    write_pages(world, 1000)
    with workers(queue, delivering(world), 8), relaying(world, queue), relaying(world, queue):
        eventually(lambda: len(world.carrier.texts) >= 1000, 100)
    assert len(world.carrier.texts) == len(set(world.carrier.attempts)) == 1000
