"""Fixtures that every room's tests may ask for."""

from tests.memory import write_into_memory
from tests.servers import (
    any_database,
    database,
    postgresql_database,
    postgresql_server,
    postgresql_template,
    sqlite_template,
    valkey_server,
)

__all__ = [
    "any_database",
    "database",
    "postgresql_database",
    "postgresql_server",
    "postgresql_template",
    "sqlite_template",
    "valkey_server",
]


def pytest_configure() -> None:
    """Before anything is written."""
    write_into_memory()
