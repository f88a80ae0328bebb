"""The team directory: whom messages are sealed to. Read from the database, believed only when signed.

A bad, forged or older entry leaves the last good one in force and sets ``alarm``. This is the door to
``teams``, ``rules``, ``enrolment`` and ``generations``.
"""

from dataclasses import dataclass, replace

from sqlalchemy import literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from vault.clock import SERVER_NOW, Clock, ServerClock
from vault.enrolment import add_member, add_root, add_routing, retire_member
from vault.errors import DirectoryError
from vault.generations import add_team, new_team_generation, share_generations, team_private_keys
from vault.rules import begin, follow
from vault.statements import Statement
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


# What a row can do that somebody wrote by hand (SQLite lets a text stand where bytes belong).
_UNREADABLE = (DirectoryError, SQLAlchemyError, AttributeError, TypeError, ValueError)


# Written once: one of them is asked with every message. PostgreSQL would plan anew for a limit it is told.
_NEWEST_ENTRY = (
    select(DirectoryEntry.seq, DirectoryEntry.signature)
    .order_by(DirectoryEntry.seq.desc())
    .limit(literal_column("1"))
)
_NEWEST = Statement(_NEWEST_ENTRY)
_NEWEST_AND_NOW = Statement(_NEWEST_ENTRY.add_columns(SERVER_NOW))


def load(session: Session, install: str, root_fingerprint: str) -> Directory:
    """Verify the whole chain from the pinned root; stop at the first bad entry and set ``alarm``.

    Raises DirectoryError when there is no good root to begin with.
    """
    root = session.get(DirectoryEntry, 0)
    if root is None:
        raise DirectoryError("the team directory is empty")
    return _follow_all(session, begin(root, install, root_fingerprint))


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
        held = self._held or _Held(None, load(session, self._install, self._fingerprint))
        self._held = held = _renewed(session, held)
        return held.directory

    def at_moment(self, session: Session, clock: Clock) -> tuple[int, Directory]:
        """What ``clock`` says, and the directory; with a server's clock both in one round trip."""
        held = self._held
        if held is not None and isinstance(clock, ServerClock):
            row = next(iter(_NEWEST_AND_NOW.run(session)), None)
            if row is not None and (row[0], bytes(row[1])) == held.newest:
                return int(row[2]), held.directory
        return clock.now(session), self.current(session)


def _renewed(session: Session, held: _Held) -> _Held:
    good = held.directory
    try:
        newest = _newest(session)
        return held if newest == held.newest else _Held(newest, _catch_up(session, good, newest))
    except _UNREADABLE:
        return _Held(None, replace(good, alarm="the newest entry of the database is unreadable"))


def _catch_up(session: Session, good: Directory, newest: tuple[int, bytes] | None) -> Directory:
    if newest is None or newest[0] < good.seq:
        return replace(good, alarm="the database has an older directory than the one in force")
    ours = session.get(DirectoryEntry, good.seq)
    if ours is None or bytes(ours.signature) != good.signature:
        return replace(good, alarm=f"entry {good.seq} was exchanged")
    return _follow_all(session, replace(good, alarm=None))


def _follow_all(session: Session, directory: Directory) -> Directory:
    """Every entry after ``directory``'s last, each read by itself: a bad row must not hide the good ones."""
    later = select(DirectoryEntry.seq).where(DirectoryEntry.seq > directory.seq)
    for seq in session.scalars(later.order_by(DirectoryEntry.seq)).all():
        try:
            directory = follow(directory, session.get_one(DirectoryEntry, seq))
        except _UNREADABLE as error:
            why = str(error) if isinstance(error, DirectoryError) else "unreadable"
            return replace(directory, alarm=f"entry {seq}: {why}")
    return directory


def _newest(session: Session) -> tuple[int, bytes] | None:
    row = next(iter(_NEWEST.run(session)), None)
    return None if row is None else (row[0], bytes(row[1]))
