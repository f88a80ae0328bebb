"""Slows answers to wrong receipts under a flood, by a delay that grows. Nobody is ever locked out.

No address is kept: one bucket for everybody, in memory. It protects the host's work; receipts have 77 bits.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

PER_SECOND = 5.0
BURST = 50.0
LONGEST_S = 2.0
GROWTH_S = 0.02
MOST_WAITING = 2


@dataclass
class Flood:
    """``sleep`` in seconds, ``wall`` in ms. Few wait at a time: slow answers must not hold every thread."""

    wall: Callable[[], int]
    sleep: Callable[[float], None]
    _level: float = BURST
    _seen: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_WAITING))

    def wrong(self) -> None:
        """Note a wrong receipt; waits when there were many in a short time."""
        delay = self._take()
        if delay > 0 and self._waiting.acquire(blocking=False):
            try:
                self.sleep(delay)
            finally:
                self._waiting.release()

    def _take(self) -> float:
        with self._lock:
            now = self.wall()
            passed = max(0, now - self._seen) / 1000 if self._seen is not None else 0.0
            self._seen = now
            lowest = -LONGEST_S / GROWTH_S
            self._level = max(lowest, min(BURST, self._level + passed * PER_SECOND) - 1)
            return max(0.0, -self._level * GROWTH_S)
