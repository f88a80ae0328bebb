"""The pager's world for every story."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notify.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.with_counselors(tmp_path)
    yield made
    made.database.close()
