"""Runs small jobs at their moment on a few threads."""

import heapq
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from wiring.simulator.store import now_ms


class Timetable:
    """Jobs that run at or after ``when_ms``, soonest first."""

    def __init__(self, hands: int = 16) -> None:
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="air")
        self._jobs: list[tuple[int, int, Callable[[], None]]] = []
        self._ready = threading.Condition()
        self._count = 0
        threading.Thread(target=self._run, name="timetable", daemon=True).start()

    def at(self, when_ms: int, job: Callable[[], None]) -> None:
        with self._ready:
            self._count += 1
            heapq.heappush(self._jobs, (when_ms, self._count, job))
            self._ready.notify()

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._jobs or self._jobs[0][0] > now_ms():
                    wait = (self._jobs[0][0] - now_ms()) / 1000 if self._jobs else None
                    self._ready.wait(wait)
                job = heapq.heappop(self._jobs)[2]
            self._pool.submit(job)
