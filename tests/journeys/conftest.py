"""Every journey on both set-ups: one install a module, and the browsers of the persons in the stories."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chromium import chromium, desk, phone, telefono
from tests.journeys.demo import Demo
from tests.journeys.production import Production
from tests.servers import Valkey, new_postgresql

__all__ = ["chromium", "demo", "desk", "new_demo", "phone", "telefono"]

NewDemo = Callable[[Path], Demo]


@pytest.fixture(scope="module", params=["embedded", "production"])
def new_demo(request: pytest.FixtureRequest) -> Iterator[NewDemo]:
    """Makes installs: SQLite and threads, or PostgreSQL, Valkey and workers."""
    if request.param == "embedded":
        yield Demo
        return
    server: str = request.getfixturevalue("postgresql_server")
    valkey: Valkey = request.getfixturevalue("valkey_server")
    with ExitStack() as databases:
        yield lambda folder: Production(
            folder, databases.enter_context(new_postgresql(server)), valkey.new_address()
        )


@pytest.fixture(scope="module")
def demo(new_demo: NewDemo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Real processes under the real supervisor, with the simulator as carrier."""
    install = new_demo(tmp_path_factory.mktemp("install"))
    install.init()
    install.start()
    yield install
    install.stop()
