"""Which channels and senders look broken just now. A breaker only reorders: what is doubtful goes last."""

import threading
import time
from collections.abc import Callable

FAILURES = 3
DOUBT_S = 30.0


class Breaker:
    """Doubts what failed three times in a row, until it succeeds or half a minute has passed.

    One that asked to be left alone is doubted at once, for as long as it asked.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def succeeded(self, *names: str) -> None:
        with self._lock:
            for name in names:
                self._failures.pop(name, None)
                self._until.pop(name, None)

    def failed(self, *names: str, after_s: float = 0) -> None:
        """``after_s``: for so long it asked to be left alone."""
        now = self._monotonic()
        with self._lock:
            for name in names:
                self._failures[name] = self._failures.get(name, 0) + 1
                broken = DOUBT_S if self._failures[name] >= FAILURES else 0
                self._until[name] = max(self._until.get(name, now), now + max(broken, after_s))

    def doubts(self, name: str) -> bool:
        return name in self.doubtful()

    def doubtful(self) -> tuple[str, ...]:
        """What should wait for the others, in alphabetical order."""
        now = self._monotonic()
        with self._lock:
            return tuple(sorted(name for name, until in self._until.items() if until > now))
