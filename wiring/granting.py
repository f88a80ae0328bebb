"""What each process may do in PostgreSQL: the SQL that grants it, and whether a database has been told."""

from hashlib import sha256
from importlib import resources

from sqlalchemy import text

from vault import schema
from vault.database import Database
from wiring.errors import NotFitError

# The grants leave their mark as a comment on a table that each process may see.
_MARK = text("SELECT obj_description('schema_fit'::regclass, 'pg_class')")


def sql() -> str:
    """The statements."""
    return f"{_grants()}\n-- `tipline check` sees by this which grants there are.\n{_leave_mark()}\n"


def require_current(database: Database) -> str:
    """What was found. NotFitError when the grants are another version's: some process may lack its own."""
    with database.reading() as session:
        mark = session.scalar(_MARK)
    if mark is None:
        return "none of their own: every process enters as the owner"
    if mark != _mark() and not schema.is_newer(schema.current(database)):
        raise NotFitError("may do what another version needs; run again what install.md has: tipline roles")
    return "each process may do its own work"


def _grants() -> str:
    return resources.files("wiring").joinpath("roles.sql").read_text(encoding="utf-8")


def _mark() -> str:
    # A migration may make a table anew, and with it take what was granted.
    told = _grants() + schema.head()
    return f"roles {sha256(told.encode()).hexdigest()[:16]}"


def _leave_mark() -> str:
    return f"COMMENT ON TABLE schema_fit IS '{_mark()}';"
