"""One request of one signed-in member: who they are, their keys, the teams they stand in, the moment.

The keys live as long as this object; the browser's cookie is what brings them back next time.
"""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from casework.deps import StaffDeps
from reporting.rubric import ADMINISTRATION
from vault import directory as directories
from vault import sessions
from vault.directory import Directory
from vault.kem import PrivateKey
from vault.members import MemberKeys
from vault.people_tables import Member


@dataclass(frozen=True)
class Visit:
    deps: StaffDeps
    now: int
    member: Member
    keys: MemberKeys = field(repr=False)
    directory: Directory

    @property
    def locale(self) -> str:
        return self.member.locale

    @property
    def actor(self) -> str:
        """The name under which audit events know this member."""
        return f"member:{self.member.id}"

    @property
    def teams(self) -> frozenset[str]:
        return self.directory.teams_of(self.member.id)

    def administers(self) -> frozenset[str]:
        """The schools that this member runs: those of which they are in a team for that."""
        teams = (self.directory.team_by_id[team] for team in self.teams)
        return frozenset(team.school for team in teams if team.role == ADMINISTRATION)

    def openers(self) -> dict[str, PrivateKey]:
        """The private keys of every team generation this member holds a copy of."""
        with self.deps.database.reading() as session:
            return directories.team_private_keys(session, self.deps.install, self.keys, self.directory)


def resume(deps: StaffDeps, cookie: str, *, counts_as_activity: bool) -> Visit | None:
    """The visit that ``cookie`` stands for; None when it is unknown, too old, or its member has left.

    An automatic refresh does not count as activity: otherwise an inbox left open would never sign out.
    """
    with deps.database.reading() as session:
        now = deps.clock.now(session)
        found = _resume(deps, session, now, cookie)
        if found is None:
            return None
        is_due = bool(session.dirty)
        member = session.get_one(Member, found[0])
        directory = deps.directory.current(session)
    if not _is_themselves(directory, found[1]):
        return None
    # Only now and then is there anything to write: a view must not wait for the one writer's place.
    if is_due and counts_as_activity:
        with deps.database.writing() as session:
            _resume(deps, session, now, cookie)
    return Visit(deps, now, member, found[1], directory)


def _is_themselves(directory: Directory, keys: MemberKeys) -> bool:
    """Active, and with the keys the directory names: an account's row alone makes nobody a member."""
    known = directory.member_sign_key(keys.member_id)
    return known is not None and known == keys.sign.public_key()


def _resume(deps: StaffDeps, session: Session, now: int, cookie: str) -> tuple[str, MemberKeys] | None:
    return sessions.resume(session, now, cookie, deps.settings.idle_ms, deps.settings.absolute_ms)
