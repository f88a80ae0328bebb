"""Kills processes at random moments and notes when each of them worked again, by whoever sees to that."""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import requests

from tests.faults.site import Site
from wiring.child import READY, RESTARTED

QUEUE = "queue"
QUEUE_AWAY_S = 0.5
LOOK_S = 0.02
# Before it is killed: a form that never gets to its feet receives nothing.
WORKED_S = 1.0


class Killer:
    """One SIGKILL at each of ``moments`` (seconds from ``start``), for a target that works just then.

    A moment at which none does is put off, and with it all that follow: a kill of what has hardly begun
    proves little, and on a crowded machine nothing would ever get to its feet.
    """

    def __init__(self, site: Site, moments: Sequence[float], chance: random.Random) -> None:
        self._site = site
        self._moments = moments
        self._chance = chance
        self._killed: dict[str, int] = {}
        self._stop = threading.Event()
        self._queue_back = threading.Event()
        self._queue_back.set()
        self._queue_restarts: list[int] = []
        self._thread = threading.Thread(target=self._kill_all)

    def start(self) -> None:
        self._thread.start()

    @property
    def restarts(self) -> tuple[int, ...]:
        """When something that was killed was started again, and when it worked again (ms, UTC)."""
        heard = [at for event, _, at in self._said() if event in {RESTARTED, READY}]
        return (*self._queue_restarts, *heard)

    def works(self) -> bool:
        """Whether kills are still to come."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Wait for the last kill and until the queue server is back."""
        self._thread.join()
        self._queue_back.wait()

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
        last = [(event, at) for event, child, at in self._said() if child == name][-1:]
        works = any(event == READY and time.time() - at / 1000 > WORKED_S for event, at in last)
        return works and _is_of(pid, self._site.demo.config) and (name != "public" or self._serves())

    def _said(self) -> Iterator[tuple[str, str, int]]:
        """What the supervisor noted: what happened, to whom, when (ms, UTC)."""
        log = self._site.demo.folder / "log" / "serve.log"
        whole = log.read_text("utf-8").rpartition("\n")[0]
        for line in map(json.loads, whole.splitlines()):
            at = datetime.fromisoformat(line["at"]).timestamp()
            yield line.get("event", ""), line.get("child", ""), round(at * 1000)

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
        self._queue_restarts.append(time.time_ns() // 1_000_000)
        self._queue_back.set()


def _is_of(pid: int, config: Path) -> bool:
    with suppress(OSError):
        return str(config).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False
