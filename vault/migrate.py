"""Bringing a database to this program's schema, and refusing to run on another one.

The whole upgrade is one transaction on either server: it happens, or nothing does.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from vault.database import Database
from vault.errors import SchemaTooOldError

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x7469706C  # "tipl": any constant that nothing else in the database uses


def upgrade(database: Database) -> None:
    """Make or migrate all tables. Of several processes at once, one works and the others find it done."""
    config = _config()
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            _wait_for_turn(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(database: Database) -> str | None:
    """The schema's revision; None for a database without our tables."""
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def head() -> str:
    """The revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def require_head(database: Database) -> None:
    """Raises SchemaTooOldError, whose message names the command to run, on any schema but ours."""
    found = current(database)
    if found is None:
        raise SchemaTooOldError("The database is empty. Run: tipline init")
    if found == head():
        return
    if found not in _known():
        raise SchemaTooOldError("The database is newer than this program. Install the newer tipline.")
    raise SchemaTooOldError("The database is older than this program. Run: tipline migrate")


def _wait_for_turn(connection: Connection) -> None:
    # The short time-outs of ordinary transactions would break a long migration off.
    for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {setting} = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
