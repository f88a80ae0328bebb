"""Two who wait for one another: PostgreSQL undoes whichever looks first who has what it wants."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from notify.tables import Attempt, Page
from tests.waiting import eventually
from vault.database import Base, Database

Done = TypeVar("Done")
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
_LOOK_AFTER_MS = 150


def quick_to_look(database: Database, after_ms: int = _LOOK_AFTER_MS) -> Database:
    """``database`` of PostgreSQL, whose sessions wait not a whole second before they look."""
    with database.writing() as session:
        name = session.scalar(text("SELECT quote_ident(current_database())"))
        session.execute(text(f"ALTER DATABASE {name} SET deadlock_timeout = {after_ms:d}"))
    database.engine.dispose()
    return database


def crosswise(
    database: Database,
    act: Callable[[], Done],
    has: type[Base] = Attempt,
    wants: type[Base] = Page,
) -> Done:
    """What ``act`` comes to, which waits for one who ``has`` all of these and ``wants`` what it has."""
    with ThreadPoolExecutor(1) as threads:
        with suppress(OperationalError), database.writing() as session:
            session.execute(select(has).with_for_update())
            acting = threads.submit(act)
            eventually(lambda: session.scalar(WAITING))
            session.execute(select(wants).with_for_update())
        return acting.result(timeout=10)
