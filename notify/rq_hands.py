"""Hands on other processes or hosts: ids of attempts through one RQ queue, and threads here when that fails.

The queue is a hint like every other: what it loses, delays or doubles is put right by the rows.
"""

import logging
import threading
import time
from collections import deque

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from notify.hands import Hands
from notify.wake import Waker

QUEUE = "deliveries"
JOB = "notify.jobs.deliver_job"
# RQ's set of the workers that listen to our queue.
WORKERS_KEY = f"rq:workers:{QUEUE}"
TIMEOUT_S = 0.3
AGAIN_S = 5.0
JOB_TIMEOUT_S = 10
FAILURE_TTL_S = 60
LOOK_S = 0.005
# A little longer than a sweep: while nothing happens, each sweep looks, and a wake-up finds it looked at.
LOOKED_S = 1.5

_logger = logging.getLogger("tipline.queue")


class RqHands:
    """Enqueues while Redis answers and somebody works; otherwise ``inline`` delivers for five seconds.

    At most twice as many ids wait as workers listen. What was given has some milliseconds to itself before
    more is looked for: whoever looks would take processor time from what is more urgent. ``hint_s``: how long
    an id is left to the queue. ``waker`` wakes the relay when it may give again.
    """

    def __init__(self, address: str, inline: Hands, waker: Waker, hint_s: float) -> None:
        self._redis = Redis.from_url(
            address,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._inline = inline
        self._hint_s = hint_s
        self._away_until = 0.0
        self._gave_at = self._looked_at = -LOOKED_S
        self._workers = 0
        self._waiting: frozenset[str] = frozenset()
        self._given: deque[tuple[float, str]] = deque()
        self._room = _RoomWatch(self._redis, self._queue.key, waker)

    def free(self) -> int:
        if self._is_away():
            return self._inline.free()
        if time.monotonic() > self._looked_at + LOOKED_S or self._places() == 0:
            try:
                self._look()
            except RedisError as error:
                self._turn_away(type(error).__name__)
                return self._inline.free()
        if self._workers == 0:
            self._turn_away("nobody listens")
            return self._inline.free()
        if time.monotonic() < self._gave_at + LOOK_S or self._places() == 0:
            self._room.ask(self._workers)
            return 0
        return self._places()

    def take(self, attempt_id: str) -> None:
        if self._is_away():
            self._inline.take(attempt_id)
        elif attempt_id in self._waiting:
            # Its hint ran out while it waited: nobody empties the queue.
            self._turn_away("nobody works")
            self._inline.take(attempt_id)
        else:
            self._enqueue(attempt_id)

    def close(self) -> list[str]:
        self._room.close()
        self._redis.close()
        return self._inline.close()

    def _enqueue(self, attempt_id: str) -> None:
        try:
            # One way there and back, from which the relay also learns what it asks before the next.
            with self._redis.pipeline(transaction=False) as pipeline:
                # RQ must neither keep nor repeat anything: the rows do.
                self._queue.enqueue_call(
                    JOB,
                    args=(attempt_id,),
                    job_id=attempt_id,
                    timeout=JOB_TIMEOUT_S,
                    ttl=max(1, round(self._hint_s)),
                    result_ttl=0,
                    failure_ttl=FAILURE_TTL_S,
                    description=attempt_id,
                    pipeline=pipeline,
                )
                self._look_after(pipeline)
        except RedisError as error:
            self._turn_away(type(error).__name__)
            self._inline.take(attempt_id)
        else:
            self._gave_at = time.monotonic()
            self._given.append((self._gave_at, attempt_id))
            self._forget()
            if self._workers == 0:
                self._turn_away("nobody listens")

    def _look(self) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            self._look_after(pipeline)

    def _look_after(self, pipeline: Pipeline) -> None:
        """Do what ``pipeline`` holds, and note which ids wait then and how many workers listen."""
        pipeline.lrange(self._queue.key, 0, -1)
        pipeline.scard(WORKERS_KEY)
        *_, waiting, workers = pipeline.execute()
        self._waiting = frozenset(one.decode() for one in waiting)
        self._workers = int(workers)
        self._looked_at = time.monotonic()

    def _places(self) -> int:
        return max(2 * self._workers - len(self._waiting), 0)

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _turn_away(self, why: str) -> None:
        """Deliver here for a while, first what was given away last: delivering twice is harmless."""
        _logger.warning("delivering without the queue", extra={"error": why})
        self._away_until = time.monotonic() + AGAIN_S
        self._forget()
        while self._given:
            self._inline.take(self._given.popleft()[1])

    def _forget(self) -> None:
        before = time.monotonic() - self._hint_s
        while self._given and self._given[0][0] < before:
            self._given.popleft()


class _RoomWatch:
    """Looks at a queue until it is half empty, then wakes the relay: no worker can do that from afar."""

    def __init__(self, redis: "Redis", key: str, waker: Waker) -> None:
        self._redis = redis
        self._key = key
        self._waker = waker
        self._enough = 0
        self._asked = threading.Event()
        self._closed = threading.Event()
        threading.Thread(target=self._run, name="room-watch", daemon=True).start()

    def ask(self, enough: int) -> None:
        """Wake the relay once no more than ``enough`` ids wait."""
        self._enough = enough
        self._asked.set()

    def close(self) -> None:
        self._closed.set()
        self._asked.set()

    def _run(self) -> None:
        while self._asked.wait() and not self._closed.is_set():
            self._asked.clear()  # first: whoever asks from here on is heard
            while not self._closed.wait(LOOK_S) and self._is_full():
                pass
            self._waker.wake()

    def _is_full(self) -> bool:
        try:
            return int(self._redis.llen(self._key)) > self._enough
        except RedisError:
            return False  # the relay finds out what is wrong
