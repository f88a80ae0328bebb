"""Work with a last moment: a page waits for no provider, however slowly its bytes come."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


class Within:
    """Threads of one channel, ``at_once`` of them.

    A socket's own time-out starts anew with every byte, and a name's look-up has none at all.
    """

    def __init__(self, at_once: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(at_once, name)

    def do(self, seconds: float, work: Callable[[], Made]) -> Made:
        """What ``work`` returns or raises; TimeoutError after ``seconds``, and its end is not looked at."""
        running = self._threads.submit(work)
        try:
            return running.result(seconds)
        finally:
            running.cancel()
