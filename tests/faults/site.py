"""An install that is there to be killed: real supervisor and servers, a carrier out of reach, calm steps."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.faults.carrier import SlowCarrier
from tests.journeys.demo import Demo
from tests.journeys.production import WORKERS, Production
from tests.servers import Valkey, new_postgresql
from vault.database import Database
from wiring.config import load
from wiring.secrets import Secrets

Paging: TypeAlias = Mapping[str, float]
Environment: TypeAlias = Mapping[str, str]

# The demo repeats after ten seconds; what is measured here is a page's first send. At five messages a second
# for one person on call, joined texts would hide what is counted: each page here is a text of its own.
CALM: Paging = {
    "second_after_s": 1200,
    "everyone_after_s": 2400,
    "repeat_s": 3000,
    "texts_per_s": 0,
    "phone_pause_s": 0,
}
NONE: Environment = {}


@dataclass(frozen=True)
class Site:
    """A running install and what surrounds it. ``queue``: its queue server, if it has one."""

    demo: Demo
    carrier: SlowCarrier
    queue: Valkey | None = None

    @property
    def delivering(self) -> tuple[str, ...]:
        """The processes that may be calling the carrier."""
        workers = (f"worker-{number + 1}" for number in range(WORKERS))
        return ("pager", *workers) if self.queue else ("pager",)

    @property
    def pepper(self) -> bytes:
        """With which a receipt finds its row."""
        return Secrets(self.demo.folder, "public").key("receipt-pepper")

    @contextmanager
    def rows(self) -> Iterator[Database]:
        """The install's database, for reading."""
        database = Database(load(self.demo.config).database_url)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def embedded(folder: Path, paging: Paging = CALM, clock: Environment = NONE) -> Iterator[Site]:
    """SQLite and threads. ``paging``: settings that differ; ``clock``: what its processes start with."""
    with _running(Demo(folder), None, paging, clock) as site:
        yield site


@contextmanager
def production(
    folder: Path, postgresql: str, valkey: Valkey, paging: Paging = CALM, clock: Environment = NONE
) -> Iterator[Site]:
    """PostgreSQL, Valkey, workers."""
    with new_postgresql(postgresql) as database:
        install = Production(folder, database, valkey.new_address())
        with _running(install, valkey, paging, clock) as site:
            yield site


@contextmanager
def _running(demo: Demo, queue: Valkey | None, paging: Paging, clock: Environment) -> Iterator[Site]:
    carrier = SlowCarrier()
    demo.init()
    configure(demo.config, carrier.base, paging)
    demo.environment = clock
    demo.start()
    try:
        yield Site(demo, carrier, queue)
    finally:
        demo.stop()
        carrier.close()


def configure(path: Path, carrier: str, paging: Paging) -> None:
    """Send to ``carrier``; ``paging``: keys that the demo has, and their values here."""
    text = path.read_text(encoding="utf-8")
    text = text.replace("[carrier]\n", f'[carrier]\nbase_address = "{carrier}"\n', 1)
    for key, seconds in paging.items():
        text = re.sub(rf"^{key} = .*$", f"{key} = {seconds}", text, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
