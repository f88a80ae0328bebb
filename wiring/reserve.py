"""Room on the disk for the pages of what was received: on a full one SQLite can note no delivery either.

A file of random bytes lies beside the database. When the disk is full the pager gives it up, slice by slice;
while it is not whole nothing new is taken in, so that what it gives goes to the pages. Whoever writes hears
that it was NOT received.
"""

import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from notify.alarm import Alarm

NAME = "reserve"
SIZE = 8 << 20
SLICE = 1 << 20
# A commit needs some pages; less than this and it may fail.
LOW = SLICE // 2
LOOK_S = 0.5


@dataclass(frozen=True)
class Reserve:
    """``run`` in the process that delivers, on the disk of ``folder``."""

    folder: Path
    alarm: Alarm

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while True:
            self.look()
            if stop.wait(LOOK_S):
                return

    def look(self) -> None:
        """Give up a slice if the disk is full; make the file whole again once there is room for two of it."""
        path, free = self.folder / NAME, _free(self.folder)
        held = path.stat().st_size if path.exists() else 0
        if free < LOW and held:
            self.alarm.sound("disk_full")
            os.truncate(path, held - SLICE)
        elif held < SIZE and free + held > 2 * SIZE:
            self._make(path)

    @staticmethod
    def _make(path: Path) -> None:
        """Beside it and then in its place, so that nobody sees it half made. Random: disks that compress."""
        new = path.with_suffix(".new")
        new.write_bytes(secrets.token_bytes(SIZE))
        new.replace(path)


def whole(folder: Path) -> Callable[[], bool]:
    """What says whether the reserve in ``folder`` is whole, or cannot be seen: then nothing is refused."""
    path = folder / NAME

    def is_whole() -> bool:
        try:
            return path.stat().st_size >= SIZE
        except OSError:
            return True

    return is_whole


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
