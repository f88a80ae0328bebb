"""A commit that waits for a standby that is gone waits for ever: after some seconds its connection is cut.

PostgreSQL's own time limits end before a commit begins. One that is cancelled is answered as if it had gone
well, although the standby lacks it: so nobody cancels; whoever waited is told the truth, that nobody knows.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOOK_S = 0.5


class Patience:
    """Watches commits, each for ``seconds``, from a thread that begins with the first of them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._until: dict[int, float] = {}
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def ends(self, descriptor: int) -> Iterator[None]:
        """Within the block, whoever waits for an answer at this socket hears in time that there is none."""
        with self._lock:
            self._until[descriptor] = time.monotonic() + self._seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="patience", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._until.pop(descriptor, None)

    def close(self) -> None:
        self._closed.set()

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_S):
            # Under the lock a descriptor is still that of the commit, and of nobody who came after it.
            with self._lock:
                now = time.monotonic()
                for descriptor in [one for one, until in self._until.items() if until <= now]:
                    del self._until[descriptor]
                    _cut(descriptor)


def _cut(descriptor: int) -> None:
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as held:
        held.shutdown(socket.SHUT_RDWR)
