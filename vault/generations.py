"""Generations of team keys: made, sealed to those who may hold them, opened again by those who still may.

Keys come as arguments.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from vault import kem
from vault.enrolment import add_entry
from vault.entries import Approval, TeamEntry
from vault.errors import BadKeyError, CannotOpenError, DirectoryError
from vault.kem import PrivateKey
from vault.people_tables import TeamKeyCopy
from vault.place import Kind, Place
from vault.signing import Signer
from vault.teams import Directory, recipient_name

RECOVERY = "recovery"


class HoldsKeys(Protocol):
    """A signed-in member, as ``vault.members.MemberKeys``."""

    @property
    def member_id(self) -> str: ...

    @property
    def kem(self) -> PrivateKey: ...


def add_team(
    session: Session,
    signer: Signer,
    directory: Directory,
    team_id: str,
    school: str,
    role: str,
    members: Sequence[str],
) -> Directory:
    """Begin a team: its first generation, sealed to every member and to the recovery key."""
    made = PrivateKey.from_seed(kem.new_seed())
    entry = TeamEntry(team_id, school, role, 1, made.public.encode(), tuple(members))
    return _add_generation(session, signer, directory, (entry, made))


def new_team_generation(
    session: Session,
    signer: Signer,
    directory: Directory,
    team_id: str,
    members: Sequence[str] | None = None,
) -> Directory:
    """A new key for a team, for ``members`` (unchanged when None). Later messages use it.

    To let somebody in, where the team has two, a second member must agree: ``propose_generation``.
    """
    return _add_generation(session, signer, directory, propose_generation(directory, team_id, members))


def propose_generation(
    directory: Directory, team_id: str, members: Sequence[str] | None = None
) -> tuple[TeamEntry, PrivateKey]:
    """The next generation of a team and its key, not yet part of the directory."""
    team = directory.team(team_id)
    if team is None:
        raise DirectoryError("there is no such team")
    made = PrivateKey.from_seed(kem.new_seed())
    listed = tuple(sorted(team.members)) if members is None else tuple(members)
    entry = TeamEntry(team.id, team.school, team.role, team.generation + 1, made.public.encode(), listed)
    return entry, made


def admit(
    session: Session,
    signer: Signer,
    directory: Directory,
    proposal: tuple[TeamEntry, PrivateKey],
    approval: Approval,
) -> Directory:
    """Add a proposed generation that a second member approved."""
    return _add_generation(session, signer, directory, proposal, approval)


def share_generations(
    session: Session, keys: HoldsKeys, directory: Directory, team_id: str, newcomer: str
) -> None:
    """Give a team's newer member the older generations that this member holds."""
    team = directory.team(team_id)
    if team is None or not team.members >= {newcomer, keys.member_id}:
        raise DirectoryError("both must be members of the team")
    _share(session, _copies(session, keys.member_id), keys.kem, directory, (team_id, newcomer))


def share_recovered(
    session: Session, recovery: PrivateKey, directory: Directory, team_id: str, member: str
) -> None:
    """The same with the recovery key, for a team of which nobody holds the older generations any more."""
    _share(session, _copies(session, RECOVERY), recovery, directory, (team_id, member))


def team_private_keys(
    session: Session, install: str, member_keys: HoldsKeys, directory: Directory
) -> dict[str, PrivateKey]:
    """Recipient name to private key: each generation this member holds, of teams they are still in.

    A copy that was exchanged or altered is left out: what needs it shows as closed.
    """
    if install != directory.install:
        raise DirectoryError("the directory is of another install")
    mine = directory.teams_of(member_keys.member_id)
    copies = [copy for copy in _copies(session, member_keys.member_id) if copy.team_id in mine]
    return _open_copies(copies, member_keys.kem, directory)


def recovered_private_keys(
    session: Session, recovery: PrivateKey, directory: Directory
) -> dict[str, PrivateKey]:
    """The same for the recovery key: every generation of every team."""
    return _open_copies(_copies(session, RECOVERY), recovery, directory)


def _add_generation(
    session: Session,
    signer: Signer,
    directory: Directory,
    proposal: tuple[TeamEntry, PrivateKey],
    approval: Approval | None = None,
) -> Directory:
    entry, made = proposal
    grown = add_entry(session, signer, directory, entry, approval)
    session.add_all(copies_for(grown, entry, made))
    session.flush()
    return grown


def copies_for(directory: Directory, entry: TeamEntry, made: PrivateKey) -> list[TeamKeyCopy]:
    """The generation's seed, sealed to each of its members and to the recovery key; not stored."""
    holders = (*entry.members, RECOVERY)
    return [_copy(directory, (entry.team, entry.school, entry.generation), to, made) for to in holders]


def holds(session: Session, keys: HoldsKeys, directory: Directory, team_id: str, generation: int) -> bool:
    """Whether this member's copy of a generation opens, and is the key that the directory names."""
    copy = session.get(TeamKeyCopy, (team_id, generation, keys.member_id))
    return copy is not None and _open_copy(copy, keys.kem, directory) is not None


def _share(
    session: Session,
    copies: Iterable[TeamKeyCopy],
    private: PrivateKey,
    directory: Directory,
    to: tuple[str, str],
) -> None:
    """``to``: a team and its member."""
    team = directory.team_by_id[to[0]]
    for copy in copies:
        made = _open_copy(copy, private, directory) if copy.team_id == team.id else None
        if made is not None:
            # In place of a copy for keys that the newcomer lost: they may have been here before.
            session.merge(_copy(directory, (team.id, team.school, copy.generation), to[1], made))


def _copies(session: Session, holder: str) -> list[TeamKeyCopy]:
    copies = select(TeamKeyCopy).where(TeamKeyCopy.holder == holder)
    return list(session.scalars(copies.order_by(TeamKeyCopy.team_id, TeamKeyCopy.generation)))


def _copy(directory: Directory, of: tuple[str, str, int], holder: str, made: PrivateKey) -> TeamKeyCopy:
    """``of``: team, school, generation."""
    team, _, generation = of
    key = directory.recovery if holder == RECOVERY else directory.people[holder].kem
    sealed = kem.seal(made.seed, key, _info(directory, of, holder))
    return TeamKeyCopy(team_id=team, generation=generation, holder=holder, sealed=sealed)


def _open_copies(
    copies: Iterable[TeamKeyCopy], private: PrivateKey, directory: Directory
) -> dict[str, PrivateKey]:
    opened = {_name(copy): _open_copy(copy, private, directory) for copy in copies}
    return {name: made for name, made in opened.items() if made is not None}


def _open_copy(copy: TeamKeyCopy, private: PrivateKey, directory: Directory) -> PrivateKey | None:
    """The generation's key, if it is the one that the directory names."""
    team = directory.team(copy.team_id)
    if team is None:
        return None
    info = _info(directory, (team.id, team.school, copy.generation), copy.holder)
    try:
        made = PrivateKey.from_seed(kem.unseal(copy.sealed, private, info))
    except (CannotOpenError, BadKeyError):
        return None
    return made if made.public.encode() == directory.generations.get(_name(copy)) else None


def _info(directory: Directory, of: tuple[str, str, int], holder: str) -> bytes:
    """Where a copy belongs: ``message`` names the generation, ``recipient`` the holder."""
    team, school, generation = of
    return Place(
        kind=Kind.TEAM_KEY,
        install=directory.install,
        school=school,
        message=recipient_name(team, generation),
        recipient=holder if holder == RECOVERY else f"member:{holder}",
        seq=generation,
    ).encode()


def _name(copy: TeamKeyCopy) -> str:
    return recipient_name(copy.team_id, copy.generation)
