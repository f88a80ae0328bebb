"""``tipline backup``, ``tipline restore``: all of an install in one sealed file, and an install from it."""

import time
from contextlib import closing
from pathlib import Path

import click

from vault.recovery import RecoveryKeys, seed_from_words
from wiring.commands.options import config_option, read
from wiring.errors import WiringError
from wiring.ground import lay
from wiring.restoring import install_of, refuse_what_is_there
from wiring.restoring import restore as put_back
from wiring.saving import save

KEEP_DAYS = 30


@click.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3650),
    default=KEEP_DAYS,
    show_default=True,
    help="The day after which it should be gone is written into it.",
)
def backup(config: Path | None, file: Path, keep_days: int) -> None:
    """Write database, configuration and secrets, as of one moment, into FILE. Everything goes on running.

    FILE is sealed to the recovery key: only the 24 words open it. Nothing is written in clear on the way.
    """
    with closing(lay(read(config))) as ground:
        size = save(ground, file.absolute(), keep_days, _tell)
    click.echo(f"{file}: {size} bytes, complete")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A new folder for configuration, secrets and, if it was embedded, the database.",
)
@click.option(
    "--database", default="", help="Put the database there (empty it must be), and name it in config.toml."
)
def restore(file: Path, folder: Path, database: str) -> None:
    """Put an install back from FILE, into the new folder named by --to: all of it, or nothing.

    Asks for the 24 recovery words. What was sealed stays sealed; open pages go on where they were.
    """
    folder = folder.absolute()
    refuse_what_is_there(folder)
    try:
        with file.open("rb") as source:
            install, expires = install_of(source)
            click.echo(f"A backup of install {install}, to be kept until {expires}.")
            words = click.prompt("The 24 recovery words (they are not shown)", hide_input=True)
            keys = RecoveryKeys.from_seed(seed_from_words(words))
            now = time.time_ns() // 1_000_000
            found = put_back(source, keys, folder, database, now, _tell)
    except OSError as error:
        raise WiringError(f"{file}: {error.strerror or 'cannot be read'}; nothing was put back") from None
    click.echo(f"Put back {sum(found.rows.values())} rows into {folder}.")
    click.echo(f"Next: TIPLINE_CONFIG={folder / 'config.toml'} tipline check")


def _tell(what: str) -> None:
    click.echo(what, err=True)
