"""Row ``intake_pg``: the reporter's journey of ``intake`` on PostgreSQL, beside the bare probe."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack

from tests.load.intake import compare, free_port, probe, server
from tests.load.production import production
from tests.load.rows import Row
from tests.servers import new_postgresql


def rows() -> Iterator[Row]:
    """As ``intake``; the database waits for the disk."""
    with production() as (install, postgresql), ExitStack() as stack:
        bare_url = stack.enter_context(new_postgresql(postgresql))
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "wiring",
            "public",
            "--config",
            str(install.config),
            "--port",
            str(port),
        ]
        stack.enter_context(server(command, port))
        yield compare("intake_pg", port, stack.enter_context(probe(bare_url)))
