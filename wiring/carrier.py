"""The simulator's process: a carrier on this machine, with the phones of the demo's members and reporters."""

from collections.abc import Mapping
from dataclasses import dataclass

from notify import roster
from vault.clock import Clock, clock_for
from vault.database import Database
from vault.keyed import number_key
from wiring import http, pulse
from wiring.config import Config
from wiring.demo_people import PEOPLE, REPORTERS, ROUTES
from wiring.lifeline import Lifeline
from wiring.secrets import Secrets
from wiring.settings import NumberSection
from wiring.simulator.app import simulator_app
from wiring.simulator.settings import Account, Phone, SimulatorSettings

THREADS = 16


def run(config: Config, life: Lifeline) -> None:
    """Serve until told to stop."""
    database = Database(config.database_url)
    keys = {number_key(_numbers(config), one.number): one.number for one in PEOPLE}
    app = simulator_app(simulator_settings(config), OnCall(database, clock_for(database), keys))
    here = config.settings.simulator
    pulse.watch_self((here.host, here.port), life.beat, life.stop)
    http.serve(app, here.host, here.port, threads=THREADS, scheme="http", stop=life.stop)


@dataclass(frozen=True)
class OnCall:
    """The numbers of those on call now for a message that no special route takes. ``keys``: key to number."""

    database: Database
    clock: Clock
    keys: Mapping[str, str]

    def __call__(self) -> frozenset[str]:
        with self.database.reading() as session:
            found = roster.load(session, self.clock.now(session), ROUTES["default"])
        methods = (method for person in found.named(0) for method in found.methods[person])
        return frozenset(self.keys[one.address_key] for one in methods if one.address_key in self.keys)


def simulator_settings(config: Config) -> SimulatorSettings:
    """The phones, and our two numbers with the accounts that own them."""
    secrets, carrier = Secrets(config.folder, "simulator"), config.settings.carrier
    members = tuple(Phone(one.number, one.name, "member") for one in PEOPLE)
    reporters = tuple(Phone(number, name, "reporter") for number, name in REPORTERS)
    return SimulatorSettings(
        database=config.folder / "simulator.db",
        phones=members + reporters,
        accounts=(_account(secrets, "line", carrier.line), _account(secrets, "pager", carrier.pager)),
        webhook_base=config.webhook_address,
        ring_seconds=config.settings.simulator.ring_seconds,
    )


def _account(secrets: Secrets, role: str, own: NumberSection) -> Account:
    token = secrets.text(f"carrier-{role}-token")
    return Account(own.account_sid, token, own.number, "line" if role == "line" else "pager")


def _numbers(config: Config) -> bytes:
    return Secrets(config.folder, "simulator").key("responder-number-key")
