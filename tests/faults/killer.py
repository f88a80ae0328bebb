"""Kills processes at random moments and notes when each of them was started again, by whoever does that."""

import random
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import requests

from tests.faults.site import Site

QUEUE = "queue"
QUEUE_AWAY_S = 0.5
LOOK_S = 0.02
# A kill of what has hardly begun proves little, and a form that never gets to its feet receives nothing.
GROWN_S = 2.0


class Killer:
    """One SIGKILL at each of ``moments`` (seconds from ``start``), for a target that works just then.

    A moment at which none does is put off, and with it all that follow.
    """

    def __init__(self, site: Site, moments: Sequence[float], chance: random.Random) -> None:
        self.restarts: list[int] = []
        self._site = site
        self._moments = moments
        self._chance = chance
        self._killed: dict[str, int] = {}
        self._stop = threading.Event()
        self._queue_back = threading.Event()
        self._queue_back.set()
        self._threads = [threading.Thread(target=work) for work in (self._kill_all, self._watch)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def works(self) -> bool:
        """Whether kills are still to come."""
        return self._threads[0].is_alive()

    def close(self) -> None:
        """Wait for the last kill and until the queue server is back."""
        self._threads[0].join()
        self._queue_back.wait()
        self._stop.set()
        self._threads[1].join()

    def _kill_all(self) -> None:
        before = 0.0
        for moment in self._moments:
            self._stop.wait(moment - before)
            before = moment
            while not (alive := self._alive()):
                self._stop.wait(LOOK_S)
            self._kill(self._chance.choice(alive))

    def _kill(self, name: str) -> None:
        if name == QUEUE:
            self._queue_back.clear()
            threading.Thread(target=self._queue_dies).start()
        else:
            self._killed[name] = self._site.demo.kill(name)

    def _alive(self) -> list[str]:
        names = ("public", *self._site.delivering)
        running = [name for name in names if self._runs(name)]
        return [*running, QUEUE] if self._site.queue and self._queue_back.is_set() else running

    def _runs(self, name: str) -> bool:
        pid = self._site.demo.pid(name)
        if pid is None or pid == self._killed.get(name):
            return False
        started = _started(self._site.demo.folder / "run").get(f"{name}.pid", 0)
        grown = time.time() - started / 1000 > GROWN_S
        return grown and _is_of(pid, self._site.demo.config) and (name != "public" or self._serves())

    def _serves(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self._site.demo.form}/healthz", timeout=2).ok
        return False

    def _queue_dies(self) -> None:
        queue = self._site.queue
        assert queue
        queue.kill()
        self._stop.wait(QUEUE_AWAY_S)
        queue.start()
        self.restarts.append(time.time_ns() // 1_000_000)
        self._queue_back.set()

    def _watch(self) -> None:
        """A pid file is written at each start: its time is that of the restart."""
        folder = self._site.demo.folder / "run"
        seen = _started(folder)
        while not self._stop.wait(LOOK_S):
            now = _started(folder)
            self.restarts += [at for name, at in now.items() if seen.get(name) != at]
            seen |= now


def _started(folder: Path) -> dict[str, int]:
    found = {}
    for path in folder.glob("*.pid"):
        with suppress(FileNotFoundError):
            found[path.name] = path.stat().st_mtime_ns // 1_000_000
    return found


def _is_of(pid: int, config: Path) -> bool:
    with suppress(OSError):
        return str(config).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False
