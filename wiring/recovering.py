"""Brings back teams of which nobody can sign in any more: new keys for all of them, old cases and all.

Signed and opened by the recovery words. The passwords are hashed before the one transaction begins.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import people
from vault import audit, generations
from vault import directory as directories
from vault.directory import Directory
from vault.invitations import MadeKeys, make_keys
from vault.kem import PublicKey
from vault.people_tables import Member
from vault.recovery import RecoveryKeys
from vault.sessions import end_all
from wiring.contacts import new_password
from wiring.enrolling import PASSWORD_WORDS
from wiring.errors import WiringError
from wiring.sign_ins import SignIn


@dataclass(frozen=True)
class Renewed:
    """A member's new way in, and the keys that it unlocks."""

    sign_in: SignIn = field(repr=False)
    member_id: str
    keys: MadeKeys = field(repr=False)


def members_of(session: Session, directory: Directory, team_id: str) -> list[Member]:
    """The accounts of a team. WiringError: there is no such team, or nobody is in it."""
    team = directory.team(team_id)
    if team is None or not team.members:
        known = ", ".join(sorted(directory.team_by_id))
        raise WiringError(f"{team_id}: no such team, or nobody is in it; known: {known}")
    rows = select(Member).where(Member.id.in_(team.members)).order_by(Member.login)
    return list(session.scalars(rows))


def new_ways_in(members: list[Member]) -> list[Renewed]:
    """A generated password and new keys for each."""
    made = [(one, SignIn(one.login, new_password(PASSWORD_WORDS), one.name)) for one in members]
    return [Renewed(sign_in, one.id, make_keys(one.id, sign_in.password)) for one, sign_in in made]


def recover(
    session: Session, now: int, recovery: RecoveryKeys, directory: Directory, renewed: list[Renewed]
) -> list[str]:
    """Exchange these members' keys and give their teams new ones; the teams whose old cases they open."""
    teams = sorted(team for one in renewed for team in directory.teams_of(one.member_id))
    members = {team: sorted(directory.team_by_id[team].members) for team in teams}
    for one in renewed:
        directory = _exchange(session, recovery, directory, one)
    for team, listed in members.items():
        directory = directories.new_team_generation(session, recovery.signer, directory, team, listed)
        for one in (one for one in renewed if one.member_id in listed):
            generations.share_recovered(session, recovery.kem, directory, team, one.member_id)
    audit.record(session, now, actor="recovery", verb="teams_recovered", members=len(renewed))
    return list(members)


def _exchange(session: Session, recovery: RecoveryKeys, directory: Directory, one: Renewed) -> Directory:
    account = session.get_one(Member, one.member_id)
    account.wrapped_seed, account.active = one.keys.wrapped_seed, True
    account.sealed_totp = account.totp_step = None
    end_all(session, one.member_id)
    people.restore(session, one.member_id)
    directory = directories.retire_member(session, recovery.signer, directory, one.member_id)
    return directories.add_member(
        session,
        recovery.signer,
        directory,
        one.member_id,
        Ed25519PublicKey.from_public_bytes(one.keys.sign_public),
        PublicKey.decode(one.keys.kem_public),
    )
