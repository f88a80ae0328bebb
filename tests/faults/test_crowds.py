"""Many writers at once on SQLite, which has one at a time: nothing that was written is missing."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from notify import letters
from notify.tables import Attempt
from vault.database import Database

WRITERS = 20
EACH = 25


def test_twenty_writers_lose_nothing_on_sqlite(database: Database) -> None:
    gate = threading.Barrier(WRITERS)

    def write(number: int) -> list[str]:
        own = Database(database.url)
        gate.wait()
        written = [_post(own, f"writer {number}, {turn}") for turn in range(EACH)]
        own.close()
        return written

    with ThreadPoolExecutor(WRITERS) as writers:
        written = [one for each in writers.map(write, range(WRITERS)) for one in each]
    assert sorted(written) == sorted(_schools(database))
    assert len(written) == WRITERS * EACH


def _post(database: Database, school: str) -> str:
    with database.writing() as session:
        letters.post(session, 0, school=school, rank=3, sender="line", sealed_to=b"to", sealed_body=b"body")
    return school


def _schools(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Attempt.school)))
