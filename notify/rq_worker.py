"""A worker that outlives its queue server: it waits while that is away, and nobody commands it from there."""

import threading
import time
from collections.abc import Iterable
from types import FrameType

from redis import Redis
from redis.backoff import AbstractBackoff
from redis.client import Pipeline
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswerError
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer, Serializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import WorkerStatus
from rq.worker_registration import register

from notify import jobs
from notify.rq_hands import QUEUE

CONNECT_S = 3.0
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
# RQ waits 15 seconds less than this for a job, and its socket ten longer than for a job.
WORKER_TTL_S = 20
PAUSE_S = 0.5
BEAT_S = 1.0


def work(address: str, stop: threading.Event) -> None:
    """Run jobs from the queue at ``address`` until a signal or ``stop``; what RQ gives up on begins anew."""
    connection = Redis.from_url(
        address,
        socket_connect_timeout=CONNECT_S,
        retry=Retry(_Patience(stop), -1),
        retry_on_error=[NoConnectionError, NoAnswerError],
    )
    while not stop.is_set():
        try:
            _Worker(connection, stop).work(logging_level="WARNING")
        except (RedisError, StopRequested):
            stop.wait(PAUSE_S)


class _Patience(AbstractBackoff):
    """Pauses of up to a second, for ever; but nobody waits for Redis in order to stop."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def __deepcopy__(self, _memo: object) -> "_Patience":
        # The client copies its retries; an event is one thing for all.
        return self

    def compute(self, failures: int) -> float:
        if self._stop.is_set():
            raise StopRequested
        return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures, 10))


class _NoPenalty(BaseDeathPenalty):
    """A job of ours ends by itself within seconds; an exception out of nowhere would only harm it."""

    def setup_death_penalty(self) -> None:
        """Set no alarm."""

    def cancel_death_penalty(self) -> None:
        """There is none."""


class _Ids(Queue):
    """A queue of which only the ids are read: RQ asks for each job, and keeps a list of those begun."""

    @classmethod
    def dequeue_any(
        cls,
        queues: Iterable[Queue],
        timeout: int | None,
        connection: "Redis",
        job_class: type[Job] | None = None,
        serializer: Serializer | str | None = None,
        death_penalty_class: type[BaseDeathPenalty] | None = None,
    ) -> tuple[Job, Queue] | None:
        """The next id, as a job that is not looked up: what runs is ours, whatever the job names."""
        del job_class, death_penalty_class
        (queue,) = queues
        found = cls.lpop([queue.key], timeout, connection)
        if found is None:
            return None
        return Job(found[1].decode(errors="replace"), connection=connection, serializer=serializer), queue


class _Worker(SimpleWorker):
    """No fork: eleven milliseconds less for each job, and the threads that deliver stay."""

    death_penalty_class = _NoPenalty
    queue_class = _Ids

    def __init__(self, connection: "Redis", stop: threading.Event) -> None:
        self._stop = stop
        self._working = False
        self._beaten = 0.0
        super().__init__(
            [_Ids(QUEUE, connection=connection, serializer=JSONSerializer)],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_S,
            log_job_description=False,
        )

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Deliver, and forget the job: RQ's books take as long as a delivery, and the row is the truth.

        What runs is ours, whatever the job names: who reaches Redis can choose ids and nothing else. What the
        relay wrote of the job ends with its hint.
        """
        del queue
        self._working = True
        try:
            jobs.deliver_job(job.id)
        finally:
            self._working = False

    def check_for_suspension(self, burst: bool) -> None:
        """No: whoever reaches Redis could make workers wait."""
        del burst

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """Told to Redis when it is another: RQ tells it for each job."""
        if pipeline is not None or state != self.get_state():
            super().set_state(state, pipeline)

    def subscribe(self) -> None:
        """To nothing: RQ's command channel lets whoever reaches Redis stop workers."""

    def unsubscribe(self) -> None:
        """See ``subscribe``."""

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Between jobs, also the moment to notice that somebody else asked to stop."""
        if self._stop.is_set() and self.get_state() == WorkerStatus.IDLE:
            raise StopRequested
        if pipeline is None and time.monotonic() < self._beaten + BEAT_S:
            return  # RQ beats several times for each job
        self._beaten = time.monotonic()
        if pipeline is None:
            with self.connection.pipeline(transaction=False) as beat:
                self._beat(timeout, beat)
                beat.execute()
        else:
            self._beat(timeout, pipeline)

    def _beat(self, timeout: int | None, pipeline: Pipeline) -> None:
        super().heartbeat(timeout, pipeline)
        # A queue server that came back empty knows of no worker, and the relay would give it nothing.
        register(self, pipeline)
        self.set_state(self.get_state(), pipeline)

    def set_shutdown_requested_date(self) -> None:
        """Not told to Redis, which may be away: nobody asks."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the job at hand, then end."""
        self._stop.set()
        if self._working:
            return  # the next heartbeat ends it
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call] # RQ's types are partial

    def _install_signal_handlers(self) -> None:
        if threading.current_thread() is threading.main_thread():
            super()._install_signal_handlers()  # type: ignore[no-untyped-call] # as above
