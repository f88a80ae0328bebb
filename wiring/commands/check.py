"""``tipline check``: is this install fit to run? One line for each thing that is looked at."""

import sys
from pathlib import Path

import click

from wiring.checks import run_checks
from wiring.commands.options import config_option, json_option, port_option, read


@click.command()
@config_option
@port_option
@json_option
def check(config: Path | None, port: int | None, as_json: bool) -> None:
    """Verify configuration, database, migrations, keys, directory, carrier and on-call coverage.

    Exit code 0 when all is well, 1 when something is not, 2 when the configuration itself is refused.
    """
    findings = run_checks(read(config, port))
    for finding in findings:
        click.echo(finding.as_json() if as_json else finding.as_line())
    sys.exit(any(not finding.well for finding in findings))
