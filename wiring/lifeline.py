"""A child's tie to the supervisor: an inherited socket that carries heartbeats up and, closing, death down.

Under systemd, beats go to its notification socket instead (docs/install/systemd/watchdog.conf); started by
hand, a process has nobody to tell, and only signals stop it.
"""

import contextlib
import ctypes
import os
import resource
import signal
import socket
import threading
import time
from queue import SimpleQueue

PR_SET_PDEATHSIG = 1
FINISH_S = 5.0
SILENCE_S = 10.0


class Lifeline:
    """``stop`` is set when the process should finish what it began and end."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.stop = threading.Event()
        self._beaten: float | None = None
        self._socket = socket.socket(fileno=descriptor) if descriptor is not None else None
        self._systemd = Systemd(os.environ.get("NOTIFY_SOCKET", "")) if descriptor is None else None
        set_on_signal(self.stop, signal.SIGTERM, signal.SIGINT)
        # A core file would hold messages in clear.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if self._socket:
            die_with_parent()
            threading.Thread(target=self._watch, name="lifeline", daemon=True).start()

    def beat(self) -> None:
        """Tell the supervisor that this process does its work. Never blocks, never fails."""
        self._beaten = time.monotonic()
        if self._systemd:
            self._systemd.beat()
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.send(b".", socket.MSG_DONTWAIT)

    def beats(self) -> bool:
        """Whether this process said so within the last ten seconds."""
        return self._beaten is not None and time.monotonic() < self._beaten + SILENCE_S

    def _watch(self) -> None:
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.recv(1)
        # The supervisor is gone: finish quickly, and go even if something hangs.
        self.stop.set()
        threading.Event().wait(FINISH_S)
        os._exit(1)


def set_on_signal(event: threading.Event, *numbers: signal.Signals) -> None:
    """Have ``event`` set whenever one of these signals comes.

    Not by the handler itself: it may interrupt the main thread while that holds the event's own lock, and
    would wait for it for ever. What it does, ``SimpleQueue.put``, is made for that.
    """
    came: SimpleQueue[None] = SimpleQueue()

    def pass_on() -> None:
        while True:
            came.get()
            event.set()

    for number in numbers:
        signal.signal(number, lambda *_: came.put(None))
    threading.Thread(target=pass_on, name="signals", daemon=True).start()


class Systemd:
    """systemd's end of the line: the first beat means "started", its watchdog counts the others."""

    def __init__(self, address: str) -> None:
        """``address`` as $NOTIFY_SOCKET has it: a path, ``@`` for an abstract name; empty: nobody listens."""
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def beat(self) -> None:
        """Never blocks, never fails."""
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.setblocking(False)
            way.sendto(b"READY=1\nWATCHDOG=1", self._address)


def die_with_parent() -> None:
    """Ask the Linux kernel to kill this process when its parent dies, even if it is frozen or busy."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
