"""Which schema a database has, and whether this program may run on it: what every process asks at its start.

Without Alembic, whose loading takes longer than all else that a restarted pager does before its first page.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from vault.database import Database
from vault.errors import SchemaTooOldError
from vault.tables import SchemaFit

MIGRATIONS = Path(__file__).parent / "migrations"
_LINE = re.compile(r'^(down_)?revision = (?:["\'](\w+)["\']|None)$', re.MULTILINE)


def current(database: Database) -> str | None:
    """The schema's revision; None for a database without our tables."""
    with database.reading() as session:
        return revision_in(session.connection())


def head(folder: Path = MIGRATIONS) -> str:
    """The revision that this program needs. ValueError unless all of them stand in one line."""
    lines = _revisions(folder)
    (last,) = set(lines) - set(lines.values())
    return last


def require_head(database: Database) -> None:
    """Refuse any schema that is neither ours nor a newer one that fits us.

    Raises:
        SchemaTooOldError: its message names the command to run.
    """
    with database.reading() as session:
        connection = session.connection()
        found = revision_in(connection)
        if found is None:
            raise SchemaTooOldError("The database is empty. Run: tipline init")
        if found == head():
            return
        if not is_newer(found):
            raise SchemaTooOldError("The database is older than this program. Run: tipline migrate")
        require_fit(connection)


def revision_in(connection: Connection) -> str | None:
    """The same as ``current``, on a connection of the caller's."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_newer(found: str | None, folder: Path = MIGRATIONS) -> bool:
    """Whether ``found`` is a revision that this program does not know."""
    return found is not None and found not in _revisions(folder)


def require_fit(connection: Connection) -> None:
    """SchemaTooOldError when a newer database does not say that it fits this program."""
    if connection.scalar(select(SchemaFit.revision).where(SchemaFit.revision == head())) is None:
        raise SchemaTooOldError("The database is newer than this program. Install the newer tipline.")


def _revisions(folder: Path) -> dict[str, str]:
    """Each revision with the one before it, empty for the first."""
    found = (dict(_LINE.findall(path.read_text("utf-8"))) for path in (folder / "versions").glob("*.py"))
    return {one[""]: one["down_"] for one in found}
