"""One command for each process: under ``tipline serve`` with a lifeline; alone, only signals stop them."""

import gc
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

from wiring.addresses import own_addresses
from wiring.commands.options import config_option, port_option, read
from wiring.config import Config
from wiring.lifeline import Lifeline
from wiring.logs import configure

MODULES = {"simulator": "wiring.carrier"}

lifeline_option = click.option(
    "--lifeline", type=int, hidden=True, help="Inherited socket to the supervisor."
)


def _loaded(module: str) -> Callable[[Config, Lifeline], None]:
    """Its ``run``. Modules stay for ever: to look through them for garbage is a fifth of a start."""
    gc.disable()
    run: Callable[[Config, Lifeline], None] = import_module(module).run
    gc.freeze()
    gc.enable()
    return run


def _process(name: str, summary: str) -> click.Command:
    @click.command(name, help=summary)
    @config_option
    @port_option
    @lifeline_option
    def command(config: Path | None, port: int | None, lifeline: int | None) -> None:
        # The lifeline first: an orphan must die even while it imports.
        life = Lifeline(lifeline)
        configure(name)
        run = _loaded(MODULES.get(name, f"wiring.{name}"))
        run(own_addresses(read(config, port), name), life)

    return command


public = _process("public", "Run the form, reporters' threads and the carrier's webhooks.")
staff = _process("staff", "Run the members' side: sign-in, inbox, cases, replies.")
pager = _process("pager", "Run delivery, escalation, digests and read deadlines.")
worker = _process("worker", "Run deliveries that the pager hands out through Redis (queue.url).")
watchman = _process("watchman", "Watch that no open page is without a live deadline, and alarm.")
simulator = _process("simulator", "Run the carrier simulator, a page of phones. For the demo and for tests.")
