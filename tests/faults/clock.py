"""A wrong clock for some processes: libfaketime makes their wall clock go ahead or behind, and nothing else.

What counts the time since a host's start goes on as it does, as when somebody sets a clock by hand.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1")


class WrongClock:
    """Processes started with ``environment`` see what ``set`` said last."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "clock"
        self._library = _library()
        self.set(0)

    def set(self, hours: int) -> None:
        """So many hours ahead of the real time."""
        new = self._said.with_suffix(".new")
        new.write_text(f"{hours:+d}h\n", encoding="ascii")
        new.chmod(0o644)
        new.replace(self._said)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": self._library,
            "FAKETIME_TIMESTAMP_FILE": str(self._said),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def _library() -> str:
    found = next((str(path) for place in PLACES for path in Path("/").glob(place[1:])), "")
    if not found and os.environ.get("CI") == "true":
        pytest.fail("CI must have libfaketime")
    if not found:
        pytest.skip("no libfaketime on this machine (Debian: apt-get install faketime)")
    return found
