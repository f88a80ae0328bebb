"""``tipline team``: what the recovery paper can do for a team that is there."""

from contextlib import closing
from pathlib import Path

import click

from vault import audit
from vault import directory as directories
from wiring.commands.options import config_option, read, recovery_keys
from wiring.errors import WiringError
from wiring.ground import lay


@click.group()
def team() -> None:
    """Keys of teams. Members do this in casework; this is for when none of them can."""


@team.command()
@config_option
@click.argument("team_id", metavar="TEAM")
def rotate(config: Path | None, team_id: str) -> None:
    """Give TEAM a new key, for those who are in it now. Asks for the 24 recovery words, which sign it."""
    install = read(config)
    recovery = recovery_keys()
    with closing(lay(install)) as ground, ground.database.writing() as session:
        directory = ground.directory.current(session)
        if directory.root != recovery.root.public_key():
            raise WiringError("these are another install's recovery words; nothing was changed")
        grown = directories.new_team_generation(session, recovery.signer, directory, team_id)
        now = ground.clock.now(session)
        audit.record(session, now, actor="recovery", verb="team_key_renewed", team=team_id)
    made = grown.team_by_id[team_id]
    click.echo(f"{team_id}: new key, number {made.generation}, for {len(made.members)} member(s).")
