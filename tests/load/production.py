"""An install on PostgreSQL and Valkey for measuring, with roles, and both servers as they are by default."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.production import Production
from tests.servers import Valkey, new_postgresql, running_postgresql


@contextmanager
def production() -> Iterator[tuple[Production, str]]:
    """A fresh install that nothing runs yet, and the address of its PostgreSQL server."""
    valkey = Valkey()
    valkey.start()
    try:
        with (
            running_postgresql() as postgresql,
            new_postgresql(postgresql) as database,
            tempfile.TemporaryDirectory() as folder,
        ):
            install = Production(Path(folder) / "install", database, valkey.new_address())
            install.folder.mkdir()
            install.init()
            yield install, postgresql
    finally:
        valkey.stop()
