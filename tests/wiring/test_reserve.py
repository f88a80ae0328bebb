"""Room for pages on a full disk: while it is not whole nothing new is taken in (full disks: tests/faults)."""

import os
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tests.notify.world import Alarms
from tests.wiring.conftest import copy
from wiring import ground
from wiring.config import load
from wiring.intake import intake_deps
from wiring.pager import make_desk, make_threads
from wiring.reserve import NAME, SIZE, SLICE, Reserve, whole


def test_it_is_made_once_there_is_room_and_made_whole_again(tmp_path: Path) -> None:
    alarms, is_whole = Alarms(), whole(tmp_path)
    assert is_whole(), "a pager that never ran is no reason to refuse a message"
    reserve = Reserve(tmp_path, alarms)
    reserve.look()
    assert is_whole()
    assert (tmp_path / NAME).stat().st_size == SIZE
    os.truncate(tmp_path / NAME, SIZE - SLICE)
    assert not is_whole()
    reserve.look()
    assert is_whole()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert alarms.sounded == []


def test_it_lies_beside_the_database_where_each_process_may_write(
    demo_template: Path, tmp_path: Path
) -> None:
    """The folder of the configuration is root's, and may be on another disk."""
    install, elsewhere = copy(demo_template, tmp_path), tmp_path / "db"
    elsewhere.mkdir()
    for file in install.glob("tipline.db*"):
        file.rename(elsewhere / file.name)
    config, once = load(install / "config.toml"), threading.Event()
    there = replace(config.settings.database, url=f"sqlite:///{elsewhere / 'tipline.db'}")
    once.set()
    with closing(ground.lay(replace(config, settings=replace(config.settings, database=there)))) as laid:
        make_threads(laid, *make_desk(laid))["reserve"](once)
        assert not (install / NAME).exists()
        assert intake_deps(laid, b"").has_room()
        os.truncate(elsewhere / NAME, SIZE - SLICE)
        assert not intake_deps(laid, b"").has_room()
