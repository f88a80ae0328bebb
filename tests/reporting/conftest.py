"""The reporter side's world for every story."""

from pathlib import Path

import pytest

from tests.reporting.world import World
from vault.database import Database


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)
