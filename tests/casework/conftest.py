"""A school's staff side for every story of this room."""

import pytest

from tests.casework.world import World
from vault.database import Database


@pytest.fixture
def world(database: Database) -> World:
    return World(database)
