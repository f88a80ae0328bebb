"""A progress bar for long files: on a terminal only, drawn at most a hundred times."""

from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

T = TypeVar("T")
LONG = 2_000
WIDTH = 40


def with_progress(items: Iterable[T], total: int, stderr: TextIO) -> Iterator[T]:
    """The same items; draws on `stderr` when it is a terminal and there are many."""
    if total < LONG or not stderr.isatty():
        yield from items
        return
    step = max(total // 100, 1)
    for number, item in enumerate(items, 1):
        yield item
        if number % step == 0 or number == total:
            filled = WIDTH * number // total
            stderr.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {number}/{total}")
    stderr.write("\n")
