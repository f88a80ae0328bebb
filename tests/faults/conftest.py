"""Both set-ups, each with a carrier that outlives every kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import Site, embedded, production
from tests.servers import Valkey


@pytest.fixture(params=["embedded", "production"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A fresh, running install."""
    if request.param == "embedded":
        with embedded(tmp_path) as made:
            yield made
        return
    server: str = request.getfixturevalue("postgresql_server")
    valkey: Valkey = request.getfixturevalue("valkey_server")
    with production(tmp_path, server, valkey) as made:
        yield made
