"""What a session on PostgreSQL may do to others: hold nothing for long, hang on nothing, write no standby."""

from contextlib import closing

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.servers import libpq
from tests.waiting import eventually
from vault.database import Database

FREE = text("SELECT boot_id FROM clock_anchor FOR UPDATE SKIP LOCKED")


def admin(database: Database, command: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(libpq(database.url), autocommit=True) as connection:
        connection.execute(command)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("idle_in_transaction_session_timeout", "2s"), ("lock_timeout", "2s"), ("statement_timeout", "5s")],
)
def test_nothing_is_held_for_long(postgresql_database: Database, setting: str, value: str) -> None:
    with postgresql_database.reading() as session:
        assert session.scalar(text(f"SHOW {setting}")) == value


def test_only_hints_wait_for_no_disk_and_nothing_is_held_for_them_either(
    postgresql_database: Database,
) -> None:
    shown = text("SELECT current_setting('synchronous_commit'), current_setting('lock_timeout')")
    for at_once in (True, False):
        with postgresql_database.hinting(at_once=at_once) as session:
            assert tuple(session.execute(shown).one()) == ("off", "2s")
    for begin in (postgresql_database.writing, postgresql_database.striking):
        with begin() as session:
            assert tuple(session.execute(shown).one()) == ("on", "2s")


def test_what_is_whole_by_itself_is_there_at_once(postgresql_database: Database) -> None:
    with postgresql_database.striking() as session:
        session.execute(text("INSERT INTO clock_anchor VALUES ('struck', 0, 0)"))
        with postgresql_database.reading() as another:
            assert another.scalars(text("SELECT boot_id FROM clock_anchor")).all() == ["struck"]


def test_a_silent_network_is_given_up(postgresql_database: Database) -> None:
    with postgresql_database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        wanted = {"tcp_user_timeout": "3000", "connect_timeout": "3", "target_session_attrs": "read-write"}
        assert wanted.items() <= driver.info.get_parameters().items()


def test_a_client_that_froze_in_a_transaction_lets_its_rows_go(postgresql_database: Database) -> None:
    """``SKIP LOCKED`` would otherwise hide them for ever."""
    with postgresql_database.writing() as session:
        session.execute(text("INSERT INTO clock_anchor VALUES ('here', 0, 0)"))
    with Session(postgresql_database.engine) as frozen:
        assert frozen.scalars(FREE).all() == ["here"]

        def free() -> list[str]:
            with postgresql_database.writing() as session:
                return list(session.scalars(FREE))

        assert free() == []
        assert eventually(free) == ["here"]
        frozen.invalidate()


def test_a_connection_that_died_meanwhile_is_replaced(postgresql_database: Database) -> None:
    with postgresql_database.reading() as session:
        before = session.scalar(text("SELECT pg_backend_pid()"))
    admin(postgresql_database, sql.SQL("SELECT pg_terminate_backend({})").format(sql.Literal(before)))
    with postgresql_database.reading() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != before


def test_a_server_that_only_reads_is_none_of_ours(postgresql_database: Database) -> None:
    """As a standby is: nothing could be committed there."""
    with postgresql_database.reading() as session:
        name = session.scalar(text("SELECT current_database()"))
    readonly = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on")
    admin(postgresql_database, readonly.format(sql.Identifier(str(name))))
    with (
        closing(Database(postgresql_database.url)) as database,
        pytest.raises(OperationalError, match="read-only"),
    ):
        database.engine.connect()


def test_hints_that_take_long_together_are_not_taken_for_one_that_waits(
    postgresql_database: Database,
) -> None:
    """As those of a paced relay on a slow server: cut each time, nothing would ever leave."""
    with (
        closing(Database(postgresql_database.url, commit_s=0.1)) as impatient,
        impatient.hinting(at_once=False) as session,
    ):
        for _ in range(3):
            session.execute(text("SELECT pg_sleep(0.25)"))
