"""The hands that deliver: in the embedded set-up a few threads of the pager itself."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from notify.wake import Waker

_logger = logging.getLogger("tipline.hands")


class Hands(Protocol):
    """Whoever delivers what the relay points at. At most twice as many ids wait as there are workers."""

    def free(self) -> int:
        """How many more ids may be handed over now."""

    def take(self, attempt_id: str) -> None:
        """Deliver this attempt soon; taking one twice is harmless."""

    def close(self) -> list[str]:
        """Take nothing more, finish what is being sent, and give back the ids that were not begun."""


class ThreadHands:
    """Threads of this process. None is free while each has work; the first without wakes the relay."""

    def __init__(self, workers: int, deliver: Callable[[str], object], waker: Waker) -> None:
        self._deliver = deliver
        self._waker = waker
        self._workers = workers
        self._asked_in_vain = False
        self._held: set[str] = set()
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"hand-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def free(self) -> int:
        with self._lock:
            busy = len(self._held) > self._workers
            self._asked_in_vain = self._asked_in_vain or busy
            return 0 if busy else 2 * self._workers - len(self._held)

    def take(self, attempt_id: str) -> None:
        with self._lock:
            if attempt_id in self._held:
                return
            self._held.add(attempt_id)
        self._queue.put(attempt_id)

    def close(self) -> list[str]:
        left = []
        while True:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is not None:
                left.append(waiting)
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        return left

    def _work(self) -> None:
        while (attempt_id := self._queue.get()) is not None:
            try:
                self._deliver(attempt_id)
            except Exception as error:  # noqa: BLE001 - a hand must outlive any error; the lease brings the row back
                _logger.error("a delivery broke off: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content
            finally:
                self._done(attempt_id)

    def _done(self, attempt_id: str) -> None:
        with self._lock:
            self._held.discard(attempt_id)
            hungry = self._asked_in_vain and len(self._held) <= self._workers
            if hungry:
                self._asked_in_vain = False
        if hungry:
            self._waker.wake()
