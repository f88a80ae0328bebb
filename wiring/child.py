"""One supervised process: started with a lifeline, judged by its heartbeats, restarted with patience."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

SILENCE_S = 10.0
# Importing everything on a busy, small machine takes a while; a process that never begins is stuck too.
START_S = 40.0
# Whoever dies after it has worked for a while comes back at once. Whoever dies again soon is given time, but
# little if it worked at all: pages may be waiting for it.
SECOND_DELAY_S = 0.2
WORKED_DELAY_S = 0.5
LONGEST_DELAY_S = 3.0
STEADY_S = 5.0
LOG_BYTES = 5_000_000
RESTARTED = "restarted"
READY = "ready"
PROGRAM = (sys.executable, "-m", "wiring")


class Child:
    """``tipline NAME`` as a child process, or another ``command`` under that name.

    Times are seconds of the monotonic clock.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        folder: Path,
        program: Sequence[str] = PROGRAM,
        silence_s: float = SILENCE_S,
        command: str = "",
    ) -> None:
        self.name = name
        self.command = command or name
        self.beaten = False
        self._program = program
        self._silence_s = silence_s
        self._arguments = arguments
        self._pid_file = folder / "run" / f"{name}.pid"
        self._log_file = folder / "log" / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._started = self._heard = self._start_at = 0.0
        self._delay = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        command = [*self._program, self.command, "--lifeline", str(theirs.fileno()), *self._arguments]
        with theirs, self._open_log() as log:
            # A group of its own: Ctrl-C reaches the supervisor alone, which then stops all in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                process_group=0,
            )
        self._socket = ours
        self._started = self._heard = time.monotonic()
        self.beaten = False
        with suppress(OSError):  # on a full disk too it must run
            self._pid_file.write_text(f"{self._process.pid}\n", encoding="ascii")

    def tend(self) -> str | None:
        """Listen for beats; start again what died or fell silent. What happened, for the log."""
        if self._hears_first():
            return READY
        if self._process is None:
            if time.monotonic() >= self._start_at:
                self.start()
                return RESTARTED
            return None
        if self._process.poll() is not None:
            return self._bury("died")
        if time.monotonic() - self._heard > (self._silence_s if self.beaten else START_S):
            self.kill()
            return self._bury("silent")
        return None

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def gone(self, timeout_s: float) -> bool:
        """Whether it ended within ``timeout_s``; its pid file goes with it."""
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(timeout_s, 0))
        if self.pid is not None:
            return False
        self._pid_file.unlink(missing_ok=True)
        self._let_go()
        return True

    def _hears_first(self) -> bool:
        """Listen; whether there were beats for the first time since the start."""
        before = self.beaten
        with suppress(OSError):
            while self._socket and self._socket.recv(4096):
                self._heard = time.monotonic()
                self.beaten = True
        return self.beaten and not before

    def _bury(self, why: str) -> str:
        if self._process:
            self._process.wait()
        self._let_go()
        lived = time.monotonic() - self._started
        longest = WORKED_DELAY_S if self.beaten else LONGEST_DELAY_S
        again = min(max(self._delay * 2, SECOND_DELAY_S), longest)
        self._delay = 0.0 if lived > STEADY_S else again
        self._start_at = time.monotonic() + self._delay
        return why

    def _let_go(self) -> None:
        if self._socket:
            self._socket.close()
        self._process = self._socket = None

    def _signal(self, number: int) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _open_log(self) -> BinaryIO:
        if self._log_file.exists() and self._log_file.stat().st_size > LOG_BYTES:
            self._log_file.replace(self._log_file.with_suffix(".log.1"))
        return self._log_file.open("ab", buffering=0)
