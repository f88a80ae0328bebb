"""``tipline roles``: what each process may do in PostgreSQL, as SQL to be run by the database's owner."""

import click

from wiring import granting


@click.command()
def roles() -> None:
    """Print SQL that makes a database role for each process and grants it what that process needs.

    Run it after `tipline init` and after every `tipline migrate`: tipline roles | psql tipline
    """
    click.echo(granting.sql(), nl=False)
