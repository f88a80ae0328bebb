"""Fixtures that every room's tests may ask for."""

from tests.servers import (
    any_database,
    database,
    postgresql_database,
    postgresql_server,
    postgresql_template,
    valkey_server,
)

__all__ = [
    "any_database",
    "database",
    "postgresql_database",
    "postgresql_server",
    "postgresql_template",
    "valkey_server",
]
