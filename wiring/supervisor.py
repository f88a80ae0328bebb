"""``tipline serve``: every process of a small install under one roof, restarted when it dies or falls silent.

Children die with the supervisor, however it ends; asked to stop, it lets them finish in order.
"""

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from wiring.child import READY, Child
from wiring.config import Config
from wiring.errors import AlreadyRunningError, PortTakenError
from wiring.http import is_taken
from wiring.lifeline import Systemd, set_on_signal

LOOK_S = 0.1
# Web processes first, so that nothing new arrives while the pager finishes what it began.
STOPPING = (("public", "staff"), ("pager",), ("worker",), ("watchman", "simulator"))
PATIENCE_S = 4.0
_LEVELS = {READY: logging.INFO}

log = logging.getLogger("wiring.supervisor")


class Supervisor:
    """Runs ``children`` until ``stop`` is set. ``ready`` is called once, when each of them has beaten.

    ``beat`` is called on each look: the supervisor's own sign of life, for systemd.
    """

    def __init__(
        self, children: Sequence[Child], ready: Callable[[], None], beat: Callable[[], None] = lambda: None
    ) -> None:
        self.stop = threading.Event()
        self._children = children
        self._ready: Callable[[], None] | None = ready
        self._beat = beat

    def run(self) -> None:
        for child in self._children:
            child.start()
        try:
            while not self.stop.wait(LOOK_S):
                self._look()
        finally:
            self._end()

    def _look(self) -> None:
        for child in self._children:
            if done := child.tend():
                log.log(_LEVELS.get(done, logging.WARNING), done, extra={"child": child.name})
        if self._ready and all(child.beaten for child in self._children):
            self._ready()
            self._ready = None
        self._beat()

    def _end(self) -> None:
        for names in STOPPING:
            stopping = [child for child in self._children if child.command in names]
            for child in stopping:
                child.ask_to_stop()
            until = time.monotonic() + PATIENCE_S
            for child in stopping:
                if not child.gone(until - time.monotonic()):
                    child.kill()
                    child.gone(1)


def children_of(config: Config, arguments: Sequence[str]) -> tuple[Child, ...]:
    """The processes of this install; ``arguments`` follow the name of each (``--config``, ``--port``)."""
    names = ["public", "staff", "pager", "watchman"]
    if config.settings.simulator.enabled:
        names.insert(0, "simulator")
    children = [Child(name, arguments, config.folder) for name in names]
    return (*children, *_workers(config, arguments))


def _workers(config: Config, arguments: Sequence[str]) -> Iterator[Child]:
    queue = config.settings.queue
    for number in range(queue.workers if queue.url else 0):
        yield Child(f"worker-{number + 1}", arguments, config.folder, command="worker")


def serve(config: Config, arguments: Sequence[str], ready: Callable[[], None]) -> None:
    """Start everything and stay until a signal. AlreadyRunningError or PortTakenError before that."""
    with ExitStack() as stack:
        stack.enter_context(_only_one(config.folder))
        require_free_ports(config)
        systemd = Systemd(os.environ.get("NOTIFY_SOCKET", ""))
        supervisor = Supervisor(children_of(config, arguments), ready, systemd.beat)
        set_on_signal(supervisor.stop, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        supervisor.run()


def require_free_ports(config: Config) -> None:
    """PortTakenError, naming the key, when somebody else already listens."""
    settings = config.settings
    places = {
        "public": (settings.public.host, settings.public.port),
        "staff": (settings.staff.host, settings.staff.port),
    }
    if settings.simulator.enabled:
        places["simulator"] = (settings.simulator.host, settings.simulator.port)
    for name, (host, port) in places.items():
        if is_taken(host, port):
            remedy = "stop what listens there, or choose others: PORT=9000 make run"
            raise PortTakenError(f"port {port} ({name}) is in use; {remedy}")


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    run = folder / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    with (run / "serve.pid").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunningError(f"{folder} is being served already; stop that one first") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            (run / "serve.pid").unlink(missing_ok=True)
