"""``tipline migrate``: bring the database to this version's schema."""

from contextlib import closing
from pathlib import Path

import click

from vault import migrate as migrations
from vault import schema
from vault.database import Database
from wiring.commands.options import config_option, read


@click.command()
@config_option
def migrate(config: Path | None) -> None:
    """Bring the database to this version's schema.

    All of it in one transaction, or nothing. Running it twice does no harm.
    """
    with closing(Database(read(config).database_url)) as database:
        migrations.upgrade(database)
        click.echo(f"schema {schema.current(database)}")
