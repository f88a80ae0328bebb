"""Many at once: nobody is answered with an error, and nothing that was written is missing."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from notify import letters
from notify.tables import Attempt
from tests.faults.filing import Received, file
from tests.faults.site import Site
from tests.faults.verdict import paged, read_rows
from tests.waiting import eventually
from vault.database import Database

FIRST_MESSAGES = 50
WRITERS = 20
EACH = 25


@pytest.mark.slow
def test_fifty_first_messages_at_the_same_moment_are_all_received(site: Site) -> None:
    gate = threading.Barrier(FIRST_MESSAGES)

    def write(number: int) -> Received:
        gate.wait()
        return file(site.demo.form, immediate=number % 2 == 0)

    with ThreadPoolExecutor(FIRST_MESSAGES) as reporters:
        received = list(reporters.map(write, range(FIRST_MESSAGES)))
    assert len({one.receipt for one in received}) == FIRST_MESSAGES
    rows = read_rows(site)
    assert len(rows.reports) == FIRST_MESSAGES
    assert len(rows.pages) == FIRST_MESSAGES // 2
    eventually(lambda: paged(rows, site.carrier.taken) == set(rows.pages), 30)


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
