"""A standby that may lack the last messages is refused: two real servers, one following the other."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.own_postgresql import OwnPostgresql
from tests.servers import postgresql_url, running_postgresql
from tests.waiting import eventually
from vault.database import Database
from wiring.errors import NotFitError
from wiring.standby import require_synchronous

# What no hint does: to wait, as other commits do.
WAITING = text("INSERT INTO hinted SELECT 2 FROM set_config('synchronous_commit', 'on', false)")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """One of its own: others must not wait for a standby."""
    with running_postgresql() as address:
        yield address


@pytest.fixture
def primary(server: str) -> Iterator[Database]:
    with closing(Database(postgresql_url(server, "postgres"))) as database:
        yield database


def tell(server: str, *commands: sql.Composed | sql.SQL) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for command in commands:
            connection.execute(command)
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="module")
def copied(server: str) -> Iterator[OwnPostgresql]:
    """A copy of the server that will follow it under the name ``second``."""
    with tempfile.TemporaryDirectory(prefix="tipline-standby-") as folder:
        yield OwnPostgresql(f"{server}&application_name=second", Path(folder), "-R")


@contextmanager
def following(server: str, copied: OwnPostgresql) -> Iterator[None]:
    """The second server runs."""
    copied.start()
    try:
        with psycopg.connect(server, autocommit=True) as looking:
            there = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
            eventually(lambda: looking.execute(there).fetchone(), 20)
        yield
    finally:
        copied.stop()


@contextmanager
def named(server: str, names: str) -> Iterator[None]:
    tell(server, sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(sql.Literal(names)))
    yield
    tell(server, sql.SQL("ALTER SYSTEM RESET synchronous_standby_names"))


def verdict(database: Database) -> str:
    try:
        return require_synchronous(database)
    except NotFitError as error:
        return f"NOT: {error}"


def test_one_machine_needs_no_standby(primary: Database, database: Database) -> None:
    assert "no standby" in require_synchronous(database)
    assert "no standby" in require_synchronous(primary)


def test_a_synchronous_standby_is_accepted_an_asynchronous_one_refused_and_a_lost_one_told(
    primary: Database, server: str, copied: OwnPostgresql
) -> None:
    with named(server, "second"):
        with following(server, copied):
            eventually(lambda: verdict(primary) == "1 standby, each synchronous")
            tell(server, sql.SQL("ALTER SYSTEM RESET synchronous_standby_names"))
            eventually(lambda: "1 standby is asynchronous" in verdict(primary))
            tell(server, sql.SQL("ALTER SYSTEM SET synchronous_standby_names = 'second'"))
            eventually(lambda: verdict(primary) == "1 standby, each synchronous")
        eventually(lambda: "none is connected" in verdict(primary))


def test_a_commit_without_its_standby_ends_and_does_not_say_that_it_went_well(
    primary: Database, server: str
) -> None:
    with primary.writing() as session:
        session.execute(text("CREATE TABLE hinted (id int)"))
    with named(server, "nobody"), closing(Database(primary.url, commit_s=0.2)) as impatient:
        eventually(lambda: "none is connected" in verdict(primary))
        with pytest.raises(OperationalError), impatient.writing() as session:
            session.execute(text("CREATE TABLE seen (id int)"))
        with pytest.raises(OperationalError), impatient.striking() as session:
            session.execute(text("CREATE TABLE struck (id int)"))
        for at_once in (True, False):
            with impatient.hinting(at_once=at_once) as session:
                session.execute(text("INSERT INTO hinted VALUES (1)"))  # nobody waits for a standby
        with primary.reading() as session:
            assert session.scalars(text("SELECT id FROM hinted")).all() == [1, 1]
        for at_once in (True, False):  # and if one ever does, it hears an end
            with pytest.raises(OperationalError), impatient.hinting(at_once=at_once) as session:
                session.execute(WAITING)
    with closing(Database(primary.url)) as again, again.writing() as session:
        session.execute(text("DROP TABLE IF EXISTS seen, struck, hinted"))


@pytest.mark.parametrize(("setting", "value"), [("fsync", "off"), ("synchronous_commit", "off")])
def test_a_commit_that_is_not_on_disk_is_refused(
    primary: Database, server: str, setting: str, value: str
) -> None:
    name = sql.Identifier(setting)
    tell(server, sql.SQL("ALTER SYSTEM SET {} = {}").format(name, sql.Literal(value)))
    eventually(lambda: verdict(primary).startswith("NOT"))
    tell(server, sql.SQL("ALTER SYSTEM RESET {}").format(name))
    eventually(lambda: not verdict(primary).startswith("NOT"))


def test_a_role_that_may_not_see_the_standby_is_told_what_to_grant(
    server: str, copied: OwnPostgresql
) -> None:
    tell(server, sql.SQL("CREATE ROLE tipline LOGIN"))
    own = server.replace("//postgres:@", "//tipline:@").replace("//postgres@", "//tipline@")
    assert own != server
    with following(server, copied), closing(Database(postgresql_url(own, "postgres"))) as database:
        assert "GRANT pg_monitor" in verdict(database)
