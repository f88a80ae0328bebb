"""The migrated schema is exactly the one the tables declare, on either server."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

import notify.tables
import vault.clock
import vault.tables
from tests.servers import postgresql_url
from vault import migrate
from vault.database import Base, Database
from vault.errors import SchemaTooOldError

ROOMS = (notify.tables, vault.clock, vault.tables)


def test_the_migrated_schema_is_what_all_rooms_declare(any_database: Database) -> None:
    with any_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_rules_of_deletion_and_names_are_what_all_rooms_declare(
    any_database: Database, tmp_path: Path, postgresql_server: str
) -> None:
    """What Alembic's comparison leaves out: constraint names, ON DELETE, deferral, primary keys."""
    if any_database.is_sqlite:
        declared = Database(f"sqlite:///{tmp_path / 'declared.db'}")
    else:
        with any_database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("DROP DATABASE IF EXISTS declared"))
            connection.execute(text("CREATE DATABASE declared"))
        declared = Database(postgresql_url(postgresql_server, "declared"))
    Base.metadata.create_all(declared.engine)
    assert _constraints(any_database) == _constraints(declared)
    declared.close()


def test_every_table_of_the_rooms_is_migrated(database: Database) -> None:
    assert len(ROOMS) == 3
    assert set(inspect(database.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_an_empty_database_says_which_command_to_run(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert migrate.current(empty) is None
    with pytest.raises(SchemaTooOldError, match="tipline init"):
        migrate.require_head(empty)
    empty.close()


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'ffff'"))
    with pytest.raises(SchemaTooOldError, match="newer"):
        migrate.require_head(database)


def test_upgrading_twice_changes_nothing(any_database: Database) -> None:
    migrate.upgrade(any_database)
    migrate.require_head(any_database)
    assert migrate.current(any_database) == migrate.head()


def _constraints(database: Database) -> dict[str, object]:
    found = inspect(database.engine)
    return {
        name: (
            found.get_pk_constraint(name),
            sorted(found.get_foreign_keys(name), key=str),
            sorted(found.get_unique_constraints(name), key=str),
            sorted(found.get_indexes(name), key=str),
        )
        for name in found.get_table_names()
        if name != "alembic_version"
    }
