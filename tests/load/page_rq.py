"""Row ``page_rq``: from a page's commit to the provider's API call by PostgreSQL, Valkey and a worker."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from redis import Redis
from sqlalchemy import text

from notify.notices import NoticeWaker
from notify.rq_hands import WORKERS_KEY
from tests.journeys.production import Production
from tests.load.arrivals import Arrivals
from tests.load.floor import SCHEMA
from tests.load.floor_rq import READY
from tests.load.paging import PATIENCE_S, bare_turn, compare, opener, running, send_to
from tests.load.production import production
from tests.load.rows import Row
from tests.servers import new_postgresql
from tests.waiting import eventually
from vault.database import Database


def rows() -> Iterator[Row]:
    """500 pages at ten a second, each followed by a turn of the floor."""
    arrivals = Arrivals()
    with production() as (install, postgresql), ExitStack() as stack:
        send_to(install.config, arrivals.base)
        stack.enter_context(delivering(install))
        ours = opener(install.config, NoticeWaker(install.database))
        bare_url = stack.enter_context(new_postgresql(postgresql))
        bare = stack.enter_context(floor(bare_url, install.queue, arrivals.base))
        yield compare("page_rq", ours.open, bare, arrivals)
    arrivals.close()


@contextmanager
def delivering(install: Production) -> Iterator[None]:
    """The real pager and one real worker of ``install``."""
    command = [sys.executable, "-m", "wiring"]
    with ExitStack() as stack:
        for name in ("worker", "pager"):
            stack.enter_context(running([*command, name, "--config", str(install.config)]))
        with Redis.from_url(install.queue) as redis:
            eventually(lambda: redis.scard(WORKERS_KEY), PATIENCE_S)
        yield


@contextmanager
def floor(url: str, queue: str, provider_address: str) -> Iterator[Callable[[], tuple[str, int]]]:
    """The floor's two processes; calling what this yields takes one turn."""
    database = Database(url)
    with database.writing() as session:
        session.execute(text(SCHEMA))
    with ExitStack() as stack:
        for role in ("relay", "worker"):
            command = [sys.executable, "-m", "tests.load.floor_rq", role, url, queue, provider_address]
            stack.enter_context(running(command))
        with Redis.from_url(queue) as redis:
            eventually(lambda: int(redis.get(READY) or 0) == 2, PATIENCE_S)
        yield bare_turn(database, NoticeWaker(url))
    database.close()
