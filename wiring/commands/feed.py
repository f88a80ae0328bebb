"""``tipline roster feed``: calendar addresses, for one person or one team each."""

from pathlib import Path

import click

from wiring.asked_time import clock
from wiring.commands.at_rosters import rosters
from wiring.commands.options import config_option, read


@click.group()
def feed() -> None:
    """Calendar addresses (ICS): whoever has one sees those shifts, and nothing else."""


@feed.command()
@config_option
@click.option("--team", help="The shifts of this team.")
@click.option("--person", help="The shifts of this person (a login), in all teams.")
def create(config: Path | None, team: str | None, person: str | None) -> None:
    """Make an address and print it, once: it is kept nowhere."""
    with rosters(config, changing=True) as at:
        feed_id, token = at.open_feed(team, person)
    click.echo(f"{feed_id}  give this address to them alone; it is not shown again:")
    click.echo(f"{read(config).staff_address}/calendar/{token}.ics")


@feed.command()
@config_option
@click.argument("feed_id", metavar="ID")
def revoke(config: Path | None, feed_id: str) -> None:
    """Take an address back: from now on it shows nothing."""
    with rosters(config, changing=True) as at:
        at.close_feed(feed_id)
    click.echo(f"{feed_id}: taken back.")


@feed.command("list")
@config_option
def list_(config: Path | None) -> None:
    """Say which addresses are given out, and since when; not the addresses."""
    with rosters(config) as at:
        for one in at.feeds():
            login = at.logins.get(one.responder_id, "?") if one.responder_id else ""
            whose = ", for ".join(filter(None, (one.team_id and f"team {one.team_id}", login)))
            click.echo(f"{one.id}  {whose}, since {clock(one.created_at, 'UTC')} UTC")
