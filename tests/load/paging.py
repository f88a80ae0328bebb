"""Row ``page_embedded``: from a page's commit to the provider's API call, beside a bare floor."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from notify.paging import PageRequest, open_page
from notify.settings import PagingSettings
from notify.wake import DatagramWaker, Waker
from tests.load.arrivals import Arrivals
from tests.load.clients import median, percentile
from tests.load.floor import SCHEMA
from tests.load.rows import Row
from tests.waiting import eventually
from vault.clock import Clock, clock_for
from vault.database import Database
from vault.directory import load as load_directory
from vault.ids import new_id, new_reference
from wiring.config import load as load_config

PAGES = 500
WARM_UP = 20
PER_SECOND = 10
NS_PER_MS = 1_000_000
PATIENCE_S = 30
UNPACED = ("texts_per_s", "phone_pause_s")


@dataclass
class Opener:
    """Opens pages in an install as intake does: rows in one transaction, then a wake-up."""

    database: Database
    clock: Clock
    teams: tuple[str, ...]
    school: str
    waker: Waker

    def open(self) -> tuple[str, int]:
        """One immediate page; its reference and the moment (monotonic ns) when its commit returned."""
        reference = new_reference()
        request = PageRequest(
            school=self.school,
            subject=new_id(),
            reference=reference,
            urgency="immediate",
            wakes=True,
            teams=self.teams,
            zone="UTC",
        )
        with self.database.writing() as session:
            open_page(session, self.clock.now(session), request, PagingSettings())
        when = time.monotonic_ns()
        self.waker.wake()
        return reference, when


def rows() -> Iterator[Row]:
    """500 pages at ten a second, each followed by a turn of the floor."""
    arrivals = Arrivals()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with pager(folder, arrivals.base) as opener, floor(folder, arrivals.base) as bare:
            yield compare("page_embedded", opener.open, bare, arrivals)
    arrivals.close()


def compare(
    name: str, ours: Callable[[], tuple[str, int]], bare: Callable[[], tuple[str, int]], arrivals: Arrivals
) -> Row:
    """Latency of pages beside that of the floor, a page and a floor turn at a time."""
    _walk(ours, bare, WARM_UP)
    pages, floors = _walk(ours, bare, PAGES)
    eventually(lambda: all(word in arrivals.at for word, _ in pages + floors), PATIENCE_S)
    times, baseline = _latencies(pages, arrivals), _latencies(floors, arrivals)
    return Row(
        name=name,
        value=median(times),
        unit="ms",
        baseline=median(baseline),
        ratio=median(times) / median(baseline),
        p50_ms=median(times),
        p99_ms=percentile(times, 0.99),
    )


@contextmanager
def pager(folder: Path, provider_address: str) -> Iterator[Opener]:
    """The real pager process of a fresh demo install that sends to ``provider_address``."""
    config_path = folder / "install" / "config.toml"
    config_path.parent.mkdir()
    tipline = [sys.executable, "-m", "wiring"]
    subprocess.run(
        [*tipline, "init", "--demo", "--config", config_path], check=True, stdout=subprocess.DEVNULL
    )
    send_to(config_path, provider_address)
    with running([*tipline, "pager", "--config", str(config_path)]):
        socket = config_path.parent / "run" / "pager.sock"
        eventually(socket.exists, PATIENCE_S)
        yield opener(config_path, DatagramWaker(socket))


def send_to(config_path: Path, provider_address: str) -> None:
    """Name another provider in an install's configuration, and let texts go as fast as they come.

    What is measured is the engine; the pace is a promise to a carrier that these numbers do not have.
    """
    configured = config_path.read_text(encoding="utf-8")
    line = f'[carrier]\nbase_address = "{provider_address}"\n'
    configured = configured.replace("[carrier]\n", line, 1)
    for key in UNPACED:
        configured = re.sub(rf"^{key} = .*$", f"{key} = 0", configured, flags=re.MULTILINE)
    config_path.write_text(configured, encoding="utf-8")


@contextmanager
def running(command: list[str]) -> Iterator[None]:
    """A process of our own, ended after the block."""
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def floor(folder: Path, provider_address: str) -> Iterator[Callable[[], tuple[str, int]]]:
    """The floor's process; calling what this yields takes one turn."""
    url, socket = f"sqlite:///{folder / 'floor.db'}", folder / "floor.sock"
    command = [sys.executable, "-m", "tests.load.floor", url, str(socket), provider_address]
    database = Database(url)
    with database.writing() as session:
        session.execute(text(SCHEMA))
    with running(command):
        eventually(socket.exists, PATIENCE_S)
        yield bare_turn(database, DatagramWaker(socket))


def bare_turn(database: Database, waker: Waker) -> Callable[[], tuple[str, int]]:
    """What opens one errand of the floor, and wakes it."""

    def turn() -> tuple[str, int]:
        word = new_id()
        with database.writing() as session:
            session.execute(text("INSERT INTO errand VALUES (:word, 0)"), {"word": word})
        when = time.monotonic_ns()
        waker.wake()
        return word, when

    return turn


def opener(config_path: Path, waker: Waker) -> Opener:
    """What opens pages in the install at ``config_path``."""
    config = load_config(config_path)
    settings = config.settings
    database = Database(config.database_url)
    school = settings.schools[0].id
    with database.reading() as session:
        directory = load_directory(session, settings.install.id, settings.install.root_fingerprint)
    teams = tuple(directory.teams_of_route(school, "default"))
    return Opener(database, clock_for(database), teams, school, waker)


def _walk(
    ours: Callable[[], tuple[str, int]], bare: Callable[[], tuple[str, int]], count: int
) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    pages, floors = [], []
    began = time.monotonic()
    for turn in range(count):
        _wait_until(began + turn / PER_SECOND)
        pages.append(ours())
        _wait_until(began + (turn + 0.5) / PER_SECOND)
        floors.append(bare())
    return pages, floors


def _wait_until(when: float) -> None:
    time.sleep(max(0.0, when - time.monotonic()))


def _latencies(sent: list[tuple[str, int]], arrivals: Arrivals) -> list[float]:
    return [(arrivals.at[word] - when) / NS_PER_MS for word, when in sent]
