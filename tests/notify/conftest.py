"""The pager's world for every story."""

import pytest

from tests.notify.world import World
from vault.database import Database


@pytest.fixture
def world(any_database: Database) -> World:
    return World.with_counselors(any_database)
