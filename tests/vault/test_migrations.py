"""The migrated schema is exactly the one the tables declare, on either server."""

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.sql import SQL, Identifier
from sqlalchemy import inspect, text

import notify.duty_tables
import notify.tables
import vault.clock
import vault.drill_tables
import vault.people_tables
import vault.retention_tables
import vault.tables
from tests.servers import postgresql_url
from vault import migrate, schema
from vault.database import Base, Database
from vault.errors import SchemaTooOldError

ROOT = Path(__file__).parents[2]
ROOMS = (
    notify.duty_tables,
    notify.tables,
    vault.clock,
    vault.drill_tables,
    vault.people_tables,
    vault.retention_tables,
    vault.tables,
)


def test_the_migrated_schema_is_what_all_rooms_declare(any_database: Database) -> None:
    with any_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database on either server that nobody migrated."""
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        server: str = request.getfixturevalue("postgresql_server")
        name = f"empty_{secrets.token_hex(6)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        made = Database(postgresql_url(server, name))
    yield made
    made.close()


def test_rules_of_deletion_and_names_are_what_all_rooms_declare(
    database: Database, postgresql_database: Database, empty_database: Database
) -> None:
    """What Alembic's comparison leaves out: constraint names, ON DELETE, deferral, primary keys."""
    Base.metadata.create_all(empty_database.engine)
    migrated = database if empty_database.is_sqlite else postgresql_database
    assert _constraints(migrated) == _constraints(empty_database)


def test_of_several_processes_that_migrate_at_once_all_find_it_done(empty_database: Database) -> None:
    lines = ["import sys", "from vault import database, migrate, schema"]
    lines += ["made = database.Database(sys.argv[1])", "migrate.upgrade(made)", "schema.require_head(made)"]
    command = [sys.executable, "-c", "\n".join(lines), empty_database.url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(3)]
    assert [process.communicate()[1] for process in started] == ["", "", ""]
    assert schema.current(empty_database) == schema.head()


def test_what_is_read_of_the_revisions_without_alembic_is_what_alembic_reads() -> None:
    scripts = ScriptDirectory.from_config(migrate.alembic_config())
    assert schema.head() == scripts.get_current_head()
    assert not any(schema.is_newer(script.revision) for script in scripts.walk_revisions())


def test_two_lines_of_revisions_are_no_head(tmp_path: Path) -> None:
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    text = FUTURE.format(down="0001", additive=True)
    (tmp_path / "migrations" / "versions" / "fork.py").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="too many values"):
        schema.head(tmp_path / "migrations")


def test_every_table_of_the_rooms_is_migrated(database: Database) -> None:
    assert len(ROOMS) == 7
    assert set(inspect(database.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_an_empty_database_says_which_command_to_run(empty_database: Database) -> None:
    assert schema.current(empty_database) is None
    with pytest.raises(SchemaTooOldError, match="tipline init"):
        schema.require_head(empty_database)


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'ffff'"))
    with pytest.raises(SchemaTooOldError, match="newer"):
        schema.require_head(database)


FUTURE = """
import sqlalchemy as sa
from alembic import op
revision = "future"
down_revision = {down!r}
additive = {additive}
def upgrade():
    op.create_table("later", sa.Column("id", sa.String(), primary_key=True))
    op.add_column("page", sa.Column("later", sa.String(), nullable=True))
"""


def next_release(database: Database, folder: Path, *, additive: bool) -> None:
    """Bring ``database`` to the schema of a release that we do not know."""
    scripts = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    text = FUTURE.format(down=schema.head(), additive=additive)
    (scripts / "versions" / "future.py").write_text(text, encoding="utf-8")
    migrate.upgrade(database, scripts)
    assert schema.current(database) == "future"


def test_we_work_on_the_next_releases_schema_if_it_only_adds(any_database: Database, tmp_path: Path) -> None:
    next_release(any_database, tmp_path, additive=True)
    schema.require_head(any_database)
    migrate.upgrade(any_database)
    assert schema.current(any_database) == "future"


def test_we_refuse_a_next_schema_that_changes_ours(any_database: Database, tmp_path: Path) -> None:
    next_release(any_database, tmp_path, additive=False)
    for refusing in (schema.require_head, migrate.upgrade):
        with pytest.raises(SchemaTooOldError, match="newer"):
            refusing(any_database)


def _shape(database: Database) -> dict[tuple[str, str], tuple[str, object]]:
    found = inspect(database.engine)
    return {
        (table, column["name"]): (str(column["type"]), column)
        for table in found.get_table_names()
        for column in found.get_columns(table)
    }


def _may_stay_empty(column: Any) -> bool:  # noqa: ANN401 - SQLAlchemy's own record
    return bool(column["nullable"] or column["default"] is not None)


def test_what_calls_itself_additive_only_adds(empty_database: Database) -> None:
    """Older programs neither miss a column nor fail to fill one."""
    config = migrate.alembic_config()
    for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        before = _shape(empty_database)
        with empty_database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, script.revision)
        after = _shape(empty_database)
        if getattr(script.module, "additive", False):
            assert {place: shape[0] for place, shape in before.items()}.items() <= {
                place: shape[0] for place, shape in after.items()
            }.items()
            tables = {table for table, _ in before}
            new = [shape[1] for place, shape in after.items() if place not in before and place[0] in tables]
            assert all(map(_may_stay_empty, new)), script.revision


def test_upgrading_twice_changes_nothing(any_database: Database) -> None:
    migrate.upgrade(any_database)
    schema.require_head(any_database)
    assert schema.current(any_database) == schema.head()


def _constraints(database: Database) -> dict[str, object]:
    found = inspect(database.engine)
    return {
        name: (
            found.get_pk_constraint(name),
            sorted(found.get_foreign_keys(name), key=str),
            sorted(found.get_unique_constraints(name), key=str),
            sorted(_without_objects(index) for index in found.get_indexes(name)),
        )
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def _without_objects(index: Mapping[str, Any]) -> str:
    """What an index is, its condition as text."""
    options = {name: str(value) for name, value in index["dialect_options"].items()}
    return str(sorted(({**index, "dialect_options": options}).items()))
