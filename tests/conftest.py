"""Fixtures that every room's tests may ask for."""

import pytest
from hypothesis import HealthCheck, settings

from tests.compiled import refuse_what_is_stale
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
from tests.side_by_side import installs_first, scheduler

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
    refuse_what_is_stale()
    write_into_memory()
    # Two workers and their servers share a machine: how long one example takes says nothing.
    settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("shared")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    installs_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Whoever asks for workers (``-n 2``) gets them so."""
    return scheduler(config, log)
