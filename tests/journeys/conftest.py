"""One demo install a module, and the browsers of the persons in the stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import chromium, desk, phone, telefono
from tests.journeys.demo import Demo

__all__ = ["chromium", "demo", "desk", "phone", "telefono"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Real processes under the real supervisor, with the simulator as carrier."""
    folder: Path = tmp_path_factory.mktemp("install")
    install = Demo(folder)
    install.init()
    install.start()
    yield install
    install.stop()
