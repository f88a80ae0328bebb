"""Waiting for a condition instead of for a time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(look: Callable[[], Found], seconds: float = 25) -> Found:
    """What ``look`` finds, as soon as it is truthy; fails after ``seconds``."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := look()):
        assert time.monotonic() < end, "it never happened"
        pause.wait(0.02)
    return found
