"""``tipline found``: bring teams, members, turns and routes of a file into the install."""

from contextlib import closing
from pathlib import Path

import click

from vault.kem import PublicKey
from vault.recovery import RecoveryKeys
from wiring.commands.options import config_option, read, recovery_keys
from wiring.config import Config
from wiring.enrolling import Enrolment, missing_from
from wiring.errors import WiringError
from wiring.ground import Ground, lay
from wiring.people import People, read_people
from wiring.secrets import Secrets
from wiring.sign_ins import SignIn


@click.command()
@config_option
@click.option(
    "--file",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Teams, members, turns and routes, as docs/install/people.toml shows them.",
)
def found(config: Path | None, file: Path) -> None:
    """Add the people of FILE: teams, members with passwords, phones, who is on call, who reads what.

    Asks for the 24 recovery words, which sign it, and keeps them nowhere. Shows each new password once.
    Run it again after you added to FILE: what is there already stays. All of FILE is done, or nothing.
    """
    install = read(config)
    people = read_people(file.absolute(), install)
    recovery = recovery_keys()
    with closing(lay(install)) as ground:
        _tell(_enrol(ground, people, recovery))


def _enrol(ground: Ground, people: People, recovery: RecoveryKeys) -> Enrolment:
    secrets = Secrets(ground.config.folder, "staff")
    numbers, line = secrets.key("responder-number-key"), PublicKey.decode(secrets.blob("line-public"))
    with ground.database.writing() as session:
        directory = ground.directory.current(session)
        if directory.alarm:
            raise WiringError(
                f"the team directory is not believable ({directory.alarm}); nothing was changed"
            )
        now = ground.clock.now(session)
        work = Enrolment(session, recovery, directory, numbers, line, _zones(ground.config), now)
        work.enrol(people)
        work.done.extend(
            f"member {login}: not in the file; stays as it is" for login in missing_from(people, session)
        )
    return work


def _zones(config: Config) -> dict[str, str]:
    return {school.id: school.zone for school in config.settings.schools}


def _tell(work: Enrolment) -> None:
    click.echo("\n".join(work.done) or "Nothing is new.")
    if work.sign_ins:
        click.echo("\nPasswords, shown only now. Hand each to its member in person.\n")
        for one in work.sign_ins:
            click.echo(_line(one))


def _line(one: SignIn) -> str:
    return f"    {one.login:<16} {one.password}"
