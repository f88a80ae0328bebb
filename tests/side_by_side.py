"""How tests are shared out when two workers run them (``make test``); each has servers of its own.

A file stays together, for what its tests share. So do all stories of whole installs, which kill, tell time,
and would disturb each other. They begin first, being the longest; the other worker does all else meanwhile.
"""

import pytest

INSTALLS = ("tests/faults/", "tests/journeys/")


def installs_first(items: list[pytest.Item]) -> None:
    """Otherwise in the order in which they were."""
    items.sort(key=lambda item: not item.nodeid.startswith(INSTALLS))


def scheduler(config: pytest.Config, log: object) -> object:
    """The parts in their order, whatever the number of tests in each."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - tests run without it too, one after the other

    class SideBySide(LoadFileScheduling):  # type: ignore[misc] # it ships no types
        def _split_scope(self, nodeid: str) -> str:
            return "installs" if nodeid.startswith(INSTALLS) else str(super()._split_scope(nodeid))

    config.option.loadscopereorder = False
    return SideBySide(config, log)
