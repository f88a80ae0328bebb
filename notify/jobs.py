"""The job that RQ runs in a worker: an attempt's id goes to one of that worker's own threads.

RQ finds a job by its name alone, so this is the one module that holds what it works with. No error
reaches RQ, which would store a traceback.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

# Longer than any delivery: then whoever waits gives up, and the row is pointed at again.
PATIENCE_S = 3.0
STUCK_S = 10.0

_logger = logging.getLogger("tipline.worker")


class Crew:
    """``workers`` threads that deliver; whoever brings more waits until one is free."""

    def __init__(self, workers: int, deliver: Callable[[str], object]) -> None:
        self._deliver = deliver
        self._workers = workers
        self._busy = 0
        self._moved = time.monotonic()
        self._changed = threading.Condition()
        self._threads = ThreadPoolExecutor(workers, "hand")

    def take(self, attempt_id: str) -> bool:
        """Begin this attempt; False when every thread stayed busy."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._busy < self._workers, PATIENCE_S):
                return False
            self._busy += 1
        self._threads.submit(self._work, attempt_id)
        return True

    def moves(self) -> bool:
        """Whether a thread is free, or was free not long ago."""
        with self._changed:
            return self._busy < self._workers or time.monotonic() - self._moved < STUCK_S

    def close(self) -> None:
        """Finish what was begun."""
        self._threads.shutdown()

    def _work(self, attempt_id: str) -> None:
        try:
            self._deliver(attempt_id)
        except Exception as error:  # noqa: BLE001 - the lease brings the row back, whatever it was
            _logger.error("a delivery broke off: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content
        finally:
            with self._changed:
                self._busy -= 1
                self._moved = time.monotonic()
                self._changed.notify()


_crews: list[Crew] = []


def work_with(crew: Crew) -> None:
    """From now on jobs of this process go to ``crew``."""
    _crews[:] = [crew]


def deliver_job(attempt_id: str) -> None:
    """Deliver one attempt soon. A late, second or refused job is nothing: the row says what is due."""
    try:
        _crews[0].take(attempt_id)
    except Exception as error:  # noqa: BLE001 - see the head of this module
        _logger.error("a job was dropped: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content
