"""An install on several hosts, each with a cable of its own: two run it, and two have its database."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.carrier import SlowCarrier
from tests.faults.network import Host, network
from tests.faults.site import CALM, Site, configure
from tests.journeys.production import Production
from tests.own_postgresql import PORT, OwnPostgresql
from tests.servers import Valkey
from tests.waiting import eventually

NAME = "district"
STANDBY = "second"
ENTER = "host all all samenet trust\nhost replication all samenet trust\n"


class Distant(Production):
    """An install that runs on ``host``; other hosts may run it too."""

    def __init__(self, folder: Path, database: str, queue: str, host: Host) -> None:
        super().__init__(folder, database, queue)
        self.host, self.within = host, host.within
        self.form = f"http://{host.address}:{self.port}"
        self.casework = f"http://{host.address}:{self.port + 1}"

    def served(self) -> tuple[str, ...]:
        return (self.form, self.casework)

    def settle(self, carrier: str) -> None:
        """Configure what was made: with a carrier elsewhere, and doors that others reach."""
        configure(self.config, carrier, CALM)
        text = self.config.read_text("utf-8").replace(
            "[simulator]\nenabled = true", "[simulator]\nenabled = false"
        )
        for section in ("public", "staff"):
            text += "" if f"[{section}]" in text else f"\n[{section}]\n"
            text = text.replace(f"[{section}]\n", f'[{section}]\nhost = "{self.host.address}"\n', 1)
        self.config.write_text(re.sub(r"^workers = 2$", "workers = 1", text, flags=re.MULTILINE), "utf-8")

    def moved_to(self, folder: Path, host: Host) -> "Distant":
        """The same install on another host."""
        shutil.copytree(self.folder, folder)
        other = Distant(folder, self.database, self.queue, host)
        other.config.write_text(
            self.config.read_text("utf-8").replace(self.host.address, host.address), "utf-8"
        )
        return other


@dataclass(frozen=True)
class District:
    """``demos``: the same install on two hosts; ``site``: what surrounds it.

    What ``first`` commits is on ``second`` too; ``places``: theirs.
    """

    demos: tuple[Distant, Distant]
    site: Site
    first: OwnPostgresql
    second: OwnPostgresql
    places: tuple[Host, Host]

    def demos_from(self, address: str) -> tuple[Distant, Distant]:
        """That which runs at ``address``, and the other."""
        one, two = self.demos
        return (one, two) if one.host.address == address else (two, one)


@contextmanager
def district(folder: Path, source: str) -> Iterator[District]:
    """Running; ``source`` is a PostgreSQL to copy."""
    with network() as wires, ExitStack() as ends:
        valkey = Valkey(wires.address)
        valkey.start()
        ends.callback(valkey.stop)
        places = (wires.host(11), wires.host(12))
        first, second = _databases(ends, places, source)
        carrier = SlowCarrier(host=wires.address)
        ends.callback(carrier.close)
        first.tell(f"CREATE DATABASE {NAME}")
        hosts = ",".join(place.address for place in places)
        both = f"postgresql+psycopg://postgres:@/{NAME}?host={hosts}&port={PORT},{PORT}"
        (folder / "one").mkdir()
        demo = Distant(folder / "one", both, valkey.new_address(), wires.host(21))
        demo.init()
        demo.settle(carrier.base)
        demos = (demo, demo.moved_to(folder / "two", wires.host(22)))
        for one in demos:
            ends.callback(one.stop)
            one.start()
        for place in places:
            ends.callback(place.mend)  # whoever stops need not wait
        yield District(demos, Site(demo, carrier, valkey), first, second, places)


def _databases(ends: ExitStack, places: Sequence[Host], source: str) -> tuple[OwnPostgresql, OwnPostgresql]:
    """The second follows the first, whose commits wait for it."""
    first = OwnPostgresql(source, Path(ends.enter_context(_folder())))
    with (first.data / "pg_hba.conf").open("a", encoding="ascii") as rules:
        rules.write(ENTER)
    _start(ends, first, places[0])
    second = OwnPostgresql(first.address, Path(ends.enter_context(_folder())), "-R")
    _start(
        ends,
        second,
        places[1],
        f"primary_conninfo=host={places[0].address} user=postgres application_name={STANDBY}",
        "wal_retrieve_retry_interval=500ms",
    )
    # After the copy was made: once promoted, it waits for nobody.
    first.tell(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
    eventually(lambda: first.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"), 20)
    return first, second


def _folder() -> "tempfile.TemporaryDirectory[str]":
    # Short: the name of a socket in it has at most 107 characters.
    return tempfile.TemporaryDirectory(prefix="tipline-pg-")


def _start(ends: ExitStack, server: OwnPostgresql, place: Host, *settings: str) -> None:
    as_owner = (*place.within, "--setuid", str(server.owner), "--setgid", str(server.owner))
    ends.callback(server.stop)
    server.start(*settings, host=place.address, within=as_owner)
