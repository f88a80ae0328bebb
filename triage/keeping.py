"""What lives as long as the process, kept out of the garbage collector's sight."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_for_good() -> Iterator[None]:
    """Keep the collector from what is made here: a hundred thousand small objects, none of them garbage.

    Looking through them costs a quarter of the time that making them takes and, later, a pause of 50 ms
    whenever all is looked through, in the middle of somebody's message. What making them took besides, a
    seventh of all memory, goes back to the system, where its C library knows how.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if give_back := getattr(ctypes.CDLL(None), "malloc_trim", None):
            give_back(0)
        if collecting:
            gc.enable()
