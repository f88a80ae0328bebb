"""``tipline member``: the operator invites people and switches accounts off; the team lets them in or out.

None of it needs a key, and none of it opens anything.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import feeds, people
from vault import audit, invitations
from vault.directory import Directory
from vault.ids import new_id
from vault.invitations import Invited
from vault.members import close_account, same_login
from vault.people_tables import Member
from wiring.commands.options import config_option, read
from wiring.complaints import LOGIN
from wiring.errors import WiringError
from wiring.ground import lay

ACTOR = "operator"


@dataclass(frozen=True)
class Desk:
    """What a command works with."""

    session: Session
    now: int
    directory: Directory
    casework: str

    def account(self, login: str) -> Member | None:
        return self.session.scalar(select(Member).where(Member.login == same_login(login)))

    def known(self, login: str) -> Member:
        account = self.account(login)
        if account is None:
            raise WiringError(f"{login}: nobody signs in with this login")
        return account

    def require_teams(self, teams: tuple[str, ...]) -> None:
        for team in teams:
            if self.directory.team(team) is None:
                known = ", ".join(sorted(self.directory.team_by_id))
                raise WiringError(f"{team}: no such team; known: {known}")


@contextmanager
def desk(config: Path | None) -> Iterator[Desk]:
    """One transaction on the install's database."""
    install = read(config)
    with closing(lay(install)) as ground, ground.database.writing() as session:
        now, directory = ground.clock.now(session), ground.directory.current(session)
        yield Desk(session, now, directory, install.staff_address)


@click.group()
def member() -> None:
    """Invite people, let somebody come back who lost their password, switch an account off."""


@member.command()
@config_option
@click.argument("login")
@click.option("--name", required=True, help="What others see.")
@click.option("--team", "teams", required=True, multiple=True, help="A team they may join; may be repeated.")
def add(config: Path | None, login: str, name: str, teams: tuple[str, ...]) -> None:
    """Invite somebody new: prints six words to hand over in person.

    With them they choose a password in casework; their team then compares words with them and lets them in.
    Their phone and turns: `tipline found`.
    """
    with desk(config) as at:
        if not LOGIN.fullmatch(login):
            raise WiringError(f"{login}: write it as ann or ann.example")
        if at.account(login) is not None:
            raise WiringError(f"{login}: is known already; to let them come back: tipline member readmit")
        at.require_teams(teams)
        _invite(at, Invited(new_id(), login, name, teams))


@member.command()
@config_option
@click.argument("login")
@click.option("--team", "teams", required=True, multiple=True, help="A team they may join; may be repeated.")
def join(config: Path | None, login: str, teams: tuple[str, ...]) -> None:
    """Offer a member to another team, which lets them in under People, with the keys they have."""
    with desk(config) as at:
        account = at.known(login)
        at.require_teams(teams)
        keys = at.directory.public_keys(account.id)
        if keys is None:
            raise WiringError(f"{login}: left this install; to let them come back: tipline member readmit")
        invitations.offer(at.session, at.now, Invited(account.id, login, account.name, teams), keys)
        audit.record(at.session, at.now, actor=ACTOR, verb="member_offered", member=account.id)
    click.echo(f"{login}: {', '.join(teams)} can let them in now, in casework under People.")


@member.command()
@config_option
@click.argument("login")
@click.option("--team", "teams", multiple=True, help="A team they may join. Default: those they are in.")
def readmit(config: Path | None, login: str, teams: tuple[str, ...]) -> None:
    """Invite somebody who lost their password or phone: they make new keys, their team lets them in again."""
    with desk(config) as at:
        account = at.known(login)
        wanted = teams or tuple(sorted(at.directory.teams_of(account.id)))
        if not wanted:
            raise WiringError(f"{login}: say with --team which team lets them in")
        at.require_teams(wanted)
        _invite(at, Invited(account.id, account.login, account.name, wanted))


@member.command()
@config_option
@click.argument("login")
def leave(config: Path | None, login: str) -> None:
    """Switch an account off, at once and everywhere. They are not called any more; calendar addresses end.

    A member of each of their teams must then take them out in casework: only that makes a new key.
    """
    with desk(config) as at:
        account = at.known(login)
        close_account(at.session, account.id)
        people.retire(at.session, account.id)
        left = {one: at.directory.team_by_id[one].members for one in at.directory.teams_of(account.id)}
        feeds.end_for(at.session, at.now, ACTOR, account.id, left, gone=True)
        audit.record(at.session, at.now, actor=ACTOR, verb="account_switched_off", member=account.id)
        teams = ", ".join(sorted(at.directory.teams_of(account.id)))
    click.echo(f"{login} is signed out and cannot sign in.")
    if teams:
        click.echo(f"Now a member of {teams} must take them out, in casework under People:")
        click.echo("until then new messages are still sealed to a key that they had.")


def _invite(at: Desk, who: Invited) -> None:
    code = invitations.invite(at.session, at.now, who)
    audit.record(at.session, at.now, actor=ACTOR, verb="member_invited", member=who.member_id)
    click.echo(f"Invitation for {who.login}, good for three days and once. Hand it over in person:\n")
    click.echo(f"    {at.casework}/join")
    click.echo(f"    {code}")
