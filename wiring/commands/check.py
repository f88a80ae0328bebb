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
@click.option("--live", is_flag=True, help="Also what must be so before schools.live becomes true.")
def check(config: Path | None, port: int | None, as_json: bool, live: bool) -> None:
    """Verify configuration, database, migrations, keys, directory, carrier and on-call coverage.

    With --live (always once a school is live) also recovery words, real carrier, verified phones, a
    synchronous standby, alarms and a drill that somebody took. It cannot see whether the paper with the words
    still exists.

    Exit code 0 when all is well, 1 when something is not, 2 when the configuration itself is refused.
    """
    findings = run_checks(read(config, port), live=live)
    for finding in findings:
        click.echo(finding.as_json() if as_json else finding.as_line())
    sys.exit(any(not finding.well for finding in findings))
