"""The wake-up between processes: a datagram that says "look". A hint; losing one costs at most a sweep."""

import contextlib
import os
import select
import socket
from pathlib import Path
from typing import Protocol

_ENOUGH = 4096


class Waker(Protocol):
    """Says that there may be something to do. Never blocks, never fails."""

    def wake(self) -> None: ...


class Listener(Protocol):
    """Waits for a waker."""

    def wait(self, timeout_s: float) -> bool: ...


class Silent:
    """A waker that wakes nobody: what it would have said is found by the next sweep."""

    def wake(self) -> None:
        """Nobody to wake."""


class DatagramWaker:
    """Sends one byte to the pager's Unix socket at ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def wake(self) -> None:
        # Absent, full or restarting: the sweeper finds the row within a second.
        with contextlib.suppress(OSError):
            self._socket.sendto(b"!", self._path)

    def close(self) -> None:
        self._socket.close()


class DatagramListener:
    """The pager's end. The socket file is replaced at start: a killed process leaves its own behind."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # Processes of other users wake the pager too: the group may write.
        mask = os.umask(0o117)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(mask)
        self._socket.setblocking(False)

    def wait(self, timeout_s: float) -> bool:
        """True as soon as somebody woke us (many wake-ups become one), False after ``timeout_s``."""
        if not select.select([self._socket], [], [], max(timeout_s, 0))[0]:
            return False
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(_ENOUGH)
        return True

    def close(self) -> None:
        # The file stays: by now it may be that of the process that follows this one.
        self._socket.close()
