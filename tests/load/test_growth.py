"""What the relay does each second costs the same after a year: counted in SQLite's steps, not timed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from tests.load import growth
from tests.notify.world import World
from vault.database import Database

FEW, MANY = 20, 2_000


@pytest.mark.parametrize("look", [growth.due_look_ms, growth.idle_look_ms])
def test_a_look_reads_no_finished_page(
    look: Callable[[World], float], sqlite_template: Path, tmp_path: Path
) -> None:
    after_few, after_many = (_steps(look, sqlite_template, tmp_path, count) for count in (FEW, MANY))
    assert after_few > 0
    # A statement that visits each finished row takes several steps for it.
    assert after_many - after_few < MANY


def _steps(look: Callable[[World], float], template: Path, folder: Path, finished: int) -> int:
    database = Database(f"sqlite:///{shutil.copy(template, folder / f'{finished}.db')}")
    world = growth.school(database, finished)
    look(world)  # what is made once (statements, connections) is made
    with _counted() as count:
        look(world)
    database.close()
    return len(count)


@contextmanager
def _counted() -> Iterator[list[None]]:
    """Grows by one with each step that SQLite takes on connections that are lent meanwhile."""
    steps: list[None] = []

    def lent(connection: Any, *_: object) -> None:  # noqa: ANN401 - the driver's own
        connection.set_progress_handler(lambda: steps.append(None), 1)

    event.listen(Pool, "checkout", lent)
    yield steps
    event.remove(Pool, "checkout", lent)
