"""Bringing a database to this program's schema.

The whole upgrade is one transaction on either server: it happens, or nothing does.

A revision that says ``additive = True`` only adds: tables, columns that may stay empty, indexes. A database
lists the older revisions from which only such ones led to its own, so that a program which needs one of these
goes on working while newer ones are started beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, delete, insert, inspect, text

from vault.database import Database
from vault.errors import EncodingError, SchemaTooOldError
from vault.schema import MIGRATIONS, is_newer, require_fit, revision_in
from vault.tables import SchemaFit

_LOCK = 0x7469706C  # "tipl": any constant that nothing else in the database uses


def upgrade(database: Database, folder: Path = MIGRATIONS) -> None:
    """Make or migrate all tables. Of several processes at once, one works and the others find it done.

    A newer database that fits this program is left as it is; SchemaTooOldError for one that does not,
    EncodingError for one on a server that is not in UTF-8.
    """
    config = alembic_config(folder)
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            _require_unicode(connection)
            _wait_for_turn(connection)
        if is_newer(revision_in(connection), folder):
            require_fit(connection)
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.execute(delete(SchemaFit))
        for revision in _fitting(ScriptDirectory.from_config(config)):
            connection.execute(insert(SchemaFit).values(revision=revision))


def make_as_of(database: Database, revision: str) -> None:
    """Make the tables of an older ``revision``, to put back what was saved from it. A later one stays.

    SchemaTooOldError for a revision that this program does not know.
    """
    if is_newer(revision):
        raise SchemaTooOldError("It is from a newer tipline. Install that one.")
    config = alembic_config()
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            _require_unicode(connection)
            _wait_for_turn(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@contextmanager
def emptied_on_error(database: Database) -> Iterator[None]:
    """Should the block fail, a database that had no table (nobody's) before has none again."""
    with database.engine.connect() as connection:
        fresh = not inspect(connection).get_table_names()
    try:
        yield
    except BaseException:
        if fresh:
            _drop_all(database)
        raise


def _drop_all(database: Database) -> None:
    with database.engine.begin() as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)
        if not database.is_sqlite:
            connection.execute(text("DROP FUNCTION IF EXISTS audit_event_refuse, page_events"))


def _fitting(scripts: ScriptDirectory) -> Iterator[str]:
    """Revisions whose programs work on the newest one: from each, only additive ones led there."""
    for script in scripts.walk_revisions():
        if script.down_revision is None or not getattr(script.module, "additive", False):
            return
        yield str(script.down_revision)


def _require_unicode(connection: Connection) -> None:
    """A server that was set up without a language makes others: the first foreign name would break."""
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise EncodingError(f"the database's encoding is {encoding}: make one with createdb --encoding UTF8")


def _wait_for_turn(connection: Connection) -> None:
    # The short time-outs of ordinary transactions would break a long migration off.
    for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {setting} = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def alembic_config(folder: Path = MIGRATIONS) -> Config:
    """What Alembic must know; ``attributes["connection"]`` is the caller's to set."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config
