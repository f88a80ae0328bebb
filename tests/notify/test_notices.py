"""Wake-ups over PostgreSQL: they come from any process, and their loss costs a second."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from notify.notices import NoticeListener, NoticeWaker
from tests.servers import libpq
from tests.waiting import eventually
from vault.database import Database


@pytest.fixture
def listener(postgresql_database: Database) -> Iterator[NoticeListener]:
    made = NoticeListener(postgresql_database.url)
    made.wait(0)
    yield made
    made.close()


@pytest.fixture
def waker(postgresql_database: Database) -> Iterator[NoticeWaker]:
    made = NoticeWaker(postgresql_database.url)
    yield made
    made.close()


def drop_everybody(database: Database) -> None:
    """What a restart of the database does to those who are connected."""
    with psycopg.connect(libpq(database.url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_wake_up_crosses_the_database(listener: NoticeListener, waker: NoticeWaker) -> None:
    waker.wake()
    assert listener.wait(5)
    assert not listener.wait(0)


def test_many_wake_ups_are_few(listener: NoticeListener, waker: NoticeWaker) -> None:
    for _ in range(200):
        waker.wake()
    heard = 0
    while listener.wait(0.5):
        heard += 1
    assert 0 < heard < 100


def test_its_own_process_wakes_it_without_the_database() -> None:
    listener = NoticeListener("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    began = time.monotonic()
    threading.Timer(0.05, listener.wake).start()
    assert listener.wait(10)
    assert time.monotonic() - began < 5
    assert not listener.wait(0.05)
    listener.close()


def test_waking_never_waits_for_a_database_that_is_away() -> None:
    waker = NoticeWaker("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    began = time.monotonic()
    waker.wake()
    assert time.monotonic() - began < 0.1
    waker.close()


def test_both_ends_outlive_a_restart_of_the_database(
    postgresql_database: Database, listener: NoticeListener, waker: NoticeWaker
) -> None:
    waker.wake()
    assert listener.wait(5)
    drop_everybody(postgresql_database)
    while listener.wait(0.2):
        pass

    def heard() -> bool:
        waker.wake()
        return listener.wait(0.3)

    eventually(heard, 10)
