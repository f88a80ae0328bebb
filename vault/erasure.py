"""Making deleted rows really gone from the database's files.

SQLite overwrites what it deletes (secure_delete), but its write-ahead log keeps older pages until emptied.
PostgreSQL keeps dead rows until a table is vacuumed, and their bytes in the pages until it is rewritten.
"""

from collections.abc import Callable
from contextlib import closing

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from vault.database import Database

TABLES = ("wrap", "message", "recipient_team", "texter", "report", "page_code", "attempt", "page")
# Rewriting locks a table out, so that whoever writes waits: for so much, well under a second.
REWRITTEN_BYTES = 1 << 26

PATIENCE_MS = 200

Tell = Callable[[str], None]


def empty_log(database: Database) -> bool:
    """Empty SQLite's write-ahead log into the database. False: somebody reads just now; try again later."""
    if not database.is_sqlite:
        return True
    with closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        # Whoever empties the log keeps writers out while it waits for readers: not for long.
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = cursor.fetchone()
        connection.detach()  # its patience is not the others'
    return found is not None and found[0] == 0


def rewrite(database: Database, tell: Tell, *, whole: bool) -> None:
    """Only by PostgreSQL's owner: give back what was deleted; rewrite small tables, or all if ``whole``.

    A table that is not rewritten keeps deleted bytes until new rows take their place.
    """
    if database.is_sqlite:
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for table in TABLES:
            size = connection.scalar(text("SELECT pg_total_relation_size(:name)"), {"name": table}) or 0
            small = whole or size <= REWRITTEN_BYTES
            try:
                connection.execute(text(f"VACUUM ({'FULL' if small else 'ANALYZE'}) {table}"))
            except OperationalError:
                tell(f"{table}: busy, left as it is; run it again")
                continue
            tell(f"{table}: {'rewritten' if small else 'vacuumed'}")
        connection.execute(text("RESET statement_timeout"))
