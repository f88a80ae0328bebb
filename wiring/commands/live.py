"""``tipline live``: let a school through to real use, once every check of it is well."""

import sys
from contextlib import closing
from pathlib import Path

import click

from wiring import going_live
from wiring.checks import run_checks
from wiring.commands.options import config_option, read
from wiring.config import Config
from wiring.ground import lay


@click.command()
@config_option
@click.option("--school", required=True, help="Which school.")
@click.option("--off", is_flag=True, help="Take it back: the form says again that nobody reads it.")
def live(config: Path | None, school: str, off: bool) -> None:
    """Check everything that real use of SCHOOL needs, and note that it passed.

    The form says "nobody reads this" until a school has passed here *and* the file says live = true. Restart
    the public process after either. A simulated carrier never passes.

    Exit code 0 when it passed, 1 when something is missing.
    """
    install = read(config)
    only = going_live.of_school(install, school)
    if off:
        _note(only, school, off=True)
        click.echo(f"{school} is no longer live. Restart the public process now.")
        return
    missing = [one for one in run_checks(only, live=True, notice=False) if not one.well]
    for one in missing:
        click.echo(one.as_line())
    if missing:
        click.echo(f"{school} stays as it is: the form says that nobody reads it.")
        sys.exit(1)
    _note(only, school, off=False)
    click.echo(
        f"{school} passed. Now set live = true for it in the configuration and restart the public process."
    )


def _note(config: Config, school: str, *, off: bool) -> None:
    with closing(lay(config)) as ground, ground.database.writing() as session:
        act = going_live.take_back if off else going_live.let_through
        act(session, ground.clock.now(session), school)
