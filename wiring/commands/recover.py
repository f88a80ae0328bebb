"""``tipline recover``: a team of which nobody can sign in any more, brought back with the 24 words."""

from contextlib import closing
from pathlib import Path

import click

from wiring.commands.options import config_option, read, recovery_keys
from wiring.errors import WiringError
from wiring.ground import Ground, lay
from wiring.recovering import members_of, new_ways_in
from wiring.recovering import recover as bring_back


@click.command()
@config_option
@click.argument("team_id", metavar="TEAM")
@click.option("--yes", is_flag=True, help="Do not ask before it is done.")
def recover(config: Path | None, team_id: str, yes: bool) -> None:
    """Give every member of TEAM new keys and a new password, and let them open the old cases again.

    Asks for the 24 recovery words and keeps them nowhere. Shows each new password once. For one member who
    lost a password while another of the team can sign in: tipline member readmit.
    """
    with closing(lay(read(config))) as ground:
        with ground.database.reading() as session:
            directory = ground.directory.current(session)
            members = members_of(session, directory, team_id)
        names = ", ".join(one.login for one in members)
        if not yes:
            click.confirm(f"New keys and passwords for {names}; their old ones end. Go on?", abort=True)
        _recover(ground, team_id)


def _recover(ground: Ground, team_id: str) -> None:
    recovery = recovery_keys()
    with ground.database.reading() as session:
        before = ground.directory.current(session)
        members = members_of(session, before, team_id)
    if before.root != recovery.root.public_key():
        raise WiringError("these are another install's recovery words; nothing was changed")
    click.echo(f"Making keys for {len(members)} member(s) ...", err=True)
    renewed = new_ways_in(members)
    with ground.database.writing() as session:
        directory = ground.directory.current(session)
        if directory.signature != before.signature:
            raise WiringError("the teams changed meanwhile; nothing was done, start again")
        teams = bring_back(session, ground.clock.now(session), recovery, directory, renewed)
    click.echo(f"Recovered: {', '.join(teams)}. Passwords, shown only now; hand each over in person.\n")
    for one in renewed:
        click.echo(f"    {one.sign_in.login:<16} {one.sign_in.password}")
