"""The team directory: whom messages are sealed to. Read from the database, believed only when signed.

A bad, forged or older entry leaves the last good one in force and sets ``alarm``. This is the door to
``teams``, ``rules``, ``enrolment`` and ``generations``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from vault.enrolment import add_member, add_root, add_routing, retire_member
from vault.errors import DirectoryError
from vault.generations import add_team, new_team_generation, share_generations, team_private_keys
from vault.rules import begin, follow
from vault.tables import DirectoryEntry
from vault.teams import Directory, Team, recipient_name

__all__ = [
    "Directory",
    "DirectoryReader",
    "Team",
    "add_member",
    "add_root",
    "add_routing",
    "add_team",
    "load",
    "new_team_generation",
    "recipient_name",
    "retire_member",
    "share_generations",
    "team_private_keys",
]


def load(session: Session, install: str, root_fingerprint: str) -> Directory:
    """Verify the whole chain from the pinned root; stop at the first bad entry and set ``alarm``.

    Raises DirectoryError when there is no good root to begin with.
    """
    rows = session.scalars(select(DirectoryEntry).order_by(DirectoryEntry.seq)).all()
    if not rows:
        raise DirectoryError("the team directory is empty")
    return _follow_all(begin(rows[0], install, root_fingerprint), rows[1:])


@dataclass(frozen=True)
class _Held:
    """A verified directory, and which newest row of the database it was made from."""

    newest: tuple[int, bytes] | None
    directory: Directory


class DirectoryReader:
    """Keeps the directory in memory: one small query says whether the database has another newest entry."""

    def __init__(self, install: str, root_fingerprint: str) -> None:
        self._install = install
        self._fingerprint = root_fingerprint
        self._held: _Held | None = None

    def current(self, session: Session) -> Directory:
        """The last good directory. Raises DirectoryError only when there never was one."""
        held, newest = self._held, _newest(session)
        if held is not None and held.newest == newest:
            return held.directory
        if held is None:
            directory = load(session, self._install, self._fingerprint)
        else:
            directory = _catch_up(session, held.directory, newest)
        self._held = _Held(newest, directory)
        return directory


def _catch_up(session: Session, good: Directory, newest: tuple[int, bytes] | None) -> Directory:
    if newest is None or newest[0] < good.seq:
        return replace(good, alarm="the database has an older directory than the one in force")
    ours = session.get(DirectoryEntry, good.seq)
    if ours is None or bytes(ours.signature) != good.signature:
        return replace(good, alarm=f"entry {good.seq} was exchanged")
    later = select(DirectoryEntry).where(DirectoryEntry.seq > good.seq).order_by(DirectoryEntry.seq)
    return _follow_all(replace(good, alarm=None), session.scalars(later))


def _follow_all(directory: Directory, rows: Iterable[DirectoryEntry]) -> Directory:
    for row in rows:
        try:
            directory = follow(directory, row)
        except DirectoryError as error:
            return replace(directory, alarm=f"entry {row.seq}: {error}")
    return directory


def _newest(session: Session) -> tuple[int, bytes] | None:
    columns = select(DirectoryEntry.seq, DirectoryEntry.signature)
    row = session.execute(columns.order_by(DirectoryEntry.seq.desc()).limit(1)).first()
    return None if row is None else (row[0], bytes(row[1]))
