"""``tipline hold``: keep a report beyond its date, let it go again, and see which are kept."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy.orm import Session

from wiring import holding
from wiring.commands.options import config_option, read
from wiring.ground import lay
from wiring.saving import day_of

Act = Callable[[Session, int, str, str], None]


@click.group()
def hold() -> None:
    """Keep a report beyond its date, because a court or an investigation needs it."""


@hold.command()
@config_option
@click.argument("reference")
def add(config: Path | None, reference: str) -> None:
    """Keep the report with this REFERENCE until the hold is removed. Asks for the reason."""
    _do(config, reference, holding.add)
    click.echo(f"{reference.upper()} is held.")


@hold.command()
@config_option
@click.argument("reference")
def remove(config: Path | None, reference: str) -> None:
    """Let the report go: at its date, or within the hour if that has passed. Asks for the reason."""
    _do(config, reference, holding.remove)
    click.echo(f"{reference.upper()} is held no longer.")


@hold.command(name="list")
@config_option
def list_(config: Path | None) -> None:
    """Which reports are held, and since when."""
    with closing(lay(read(config))) as ground, ground.database.reading() as session:
        for reference, since in holding.listed(session):
            click.echo(f"{reference}  since {day_of(since)}")


def _do(config: Path | None, reference: str, act: Act) -> None:
    click.echo(
        "The reason is kept in the audit, readable, for ever: no names, nothing from the report.", err=True
    )
    reason = click.prompt("Reason")
    with closing(lay(read(config))) as ground, ground.database.writing() as session:
        act(session, ground.clock.now(session), reference, reason)
