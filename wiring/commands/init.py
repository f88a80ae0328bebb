"""``tipline init``: make an install, once."""

from contextlib import closing
from pathlib import Path

import click

from vault import schema
from vault.database import Database
from wiring.commands.confirming import confirm, show
from wiring.commands.options import config_option
from wiring.config import config_path, load
from wiring.demo import make_demo
from wiring.errors import WiringError
from wiring.founding import CONFIG, new_folder
from wiring.install import make_install


@click.command()
@config_option
@click.option(
    "--demo", is_flag=True, help="With a made-up school, members and phones, ready for `tipline serve`."
)
@click.option(
    "--database", default="", help="PostgreSQL address (postgresql+psycopg://...). Default: SQLite."
)
def init(config: Path | None, demo: bool, database: str) -> None:
    """Make the database, the keys and the configuration of an install.

    Prints the 24 recovery words, once, and asks for three of them. Run again, it changes nothing and says
    what it found.
    """
    path = config_path(config)
    if path.exists():
        _find(path)
        return
    if path.name != CONFIG:
        raise WiringError(f"{path}: name it {CONFIG}; its folder holds the install")
    with new_folder(path.parent) as folder:
        if demo:
            show(make_demo(folder, database).words.split())
        else:
            make_install(folder, database, _hand_over)
    click.echo(f"\nMade an install in {path.parent}.")
    if not demo:
        click.echo(f"\nNext: complete {path} (numbers, school, addresses), put the carrier's tokens into")
        click.echo("secrets/public and secrets/pager, then: tipline check")


def _hand_over(words: str) -> None:
    show(words.split())
    confirm(words.split())


def _find(path: Path) -> None:
    found = load(path)
    with closing(Database(found.database_url)) as database:
        schema.require_head(database)
    click.echo(f"Found the install in {path.parent}.")
