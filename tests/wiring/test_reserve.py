"""Room for pages on a full disk: while it is not whole nothing new is taken in (full disks: tests/faults)."""

import os
from pathlib import Path

from tests.notify.world import Alarms
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
