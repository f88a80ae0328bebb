"""``tipline serve``: the supervisor, and what it says to the person who started it."""

import getpass
import socket
from contextlib import closing
from functools import partial
from pathlib import Path

import click

from vault import schema
from vault.database import Database
from wiring import secrets, supervisor
from wiring.commands.options import config_option, port_option, read
from wiring.config import Config
from wiring.logs import configure
from wiring.sign_ins import first_sign_in


@click.command()
@config_option
@port_option
def serve(config: Path | None, port: int | None) -> None:
    """Run every process of a small install under one supervisor; Ctrl-C stops all of them.

    What dies or stops answering is started again. Logs are in the configuration's folder, under log/.
    """
    settings = read(config, port)
    _require_ready(settings)
    arguments = ["--config", str(settings.path), *(("--port", str(port)) if port else ())]
    log = settings.folder / "log" / "serve.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("a", encoding="utf-8") as stream:
        # What is restarted and why belongs to the log, not between the lines that a person reads here.
        configure("serve", stream)
        click.echo("Starting ...")
        supervisor.serve(settings, arguments, partial(_greet, settings))
    click.echo("Stopped.")


def _require_ready(config: Config) -> None:
    with closing(Database(config.database_url)) as database:
        schema.require_head(database)
    secrets.check_install(config)


def _greet(config: Config) -> None:
    click.echo("")
    click.echo(f"  The form      {config.public_address}/")
    click.echo(f"  Casework      {config.staff_address}/")
    if sign_in := first_sign_in(config.folder):
        click.echo(f"                sign in as {sign_in.login} with {sign_in.password}")
    if config.settings.simulator.enabled:
        click.echo(f"  The phones    {config.simulator_address}/")
    if config.settings.install.demo:
        click.echo(f"\n{_story(config)}")
    click.echo("\nCtrl-C stops everything. The data stays in " + f"{config.folder}/.")


def _story(config: Config) -> str:
    ports = [config.settings.public.port, config.settings.staff.port, config.settings.simulator.port]
    tunnel = " ".join(f"-L {port}:127.0.0.1:{port}" for port in ports)
    return (
        "Try this first: open the form and send\n"
        '    "my friend says he is going to kill himself tonight and now he is not answering"\n'
        "then open the phones: the counselor on call has a text and a ringing call.\n"
        "Answer it, sign in to casework, read, and write back.\n"
        "Nobody reads what is sent to a demo.\n"
        "\n"
        "No browser on this machine? On yours, run this and open the same addresses:\n"
        f"    ssh {tunnel} {getpass.getuser()}@{socket.gethostname()}"
    )
