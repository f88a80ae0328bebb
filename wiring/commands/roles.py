"""``tipline roles``: what each process may do in PostgreSQL, as SQL to be run by the database's owner."""

from importlib import resources

import click


@click.command()
def roles() -> None:
    """Print SQL that makes a database role for each process and grants it what that process needs.

    Run it after `tipline init` and after every `tipline migrate`: tipline roles | psql tipline
    """
    click.echo(sql(), nl=False)


def sql() -> str:
    """The statements."""
    return resources.files("wiring").joinpath("roles.sql").read_text(encoding="utf-8")
