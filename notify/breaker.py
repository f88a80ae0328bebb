"""Which channels look broken just now. A breaker only reorders: what is doubtful goes last, never away."""

import threading
import time
from collections.abc import Callable

FAILURES = 3
DOUBT_S = 30.0


class Breaker:
    """Doubts a channel after three failures in a row, until it succeeds or half a minute has passed."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._last: dict[str, float] = {}

    def succeeded(self, channel: str) -> None:
        with self._lock:
            self._failures.pop(channel, None)

    def failed(self, channel: str) -> None:
        with self._lock:
            self._failures[channel] = self._failures.get(channel, 0) + 1
            self._last[channel] = self._monotonic()

    def doubtful(self) -> tuple[str, ...]:
        """The channels that should wait for the others, in alphabetical order."""
        since = self._monotonic() - DOUBT_S
        with self._lock:
            broken = (one for one, count in self._failures.items() if count >= FAILURES)
            return tuple(sorted(one for one in broken if self._last[one] > since))
