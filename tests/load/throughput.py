"""Row ``pages_per_s``: how many due deliveries a second one worker makes; the baseline is what is asked."""

import sys
from collections.abc import Iterator

from redis import Redis
from sqlalchemy import func, select

from notify.notices import NoticeWaker
from notify.rq_hands import WORKERS_KEY
from notify.tables import Attempt
from tests.load.arrivals import Arrivals
from tests.load.clients import median
from tests.load.paging import PATIENCE_S, Opener, opener, running, send_to
from tests.load.production import production
from tests.load.rows import Row
from tests.waiting import eventually

PAGES = 300
ROUNDS = 3
ASKED = 100.0
LONG_S = 120


def rows() -> Iterator[Row]:
    """The median of several rounds: 300 pages are due (a text and a call each) when the pager starts."""
    arrivals = Arrivals()
    with production() as (install, _):
        send_to(install.config, arrivals.base)
        pages = opener(install.config, NoticeWaker(install.database))
        command = [sys.executable, "-m", "wiring"]
        config = ["--config", str(install.config)]
        with running([*command, "worker", *config]):
            with Redis.from_url(install.queue) as redis:
                eventually(lambda: redis.scard(WORKERS_KEY), PATIENCE_S)
            rates = [_round(pages, [*command, "pager", *config]) for _ in range(ROUNDS)]
    arrivals.close()
    each_ms = 1000 / median(rates)
    yield Row(
        "pages_per_s", median(rates), "deliveries/s", ASKED, median(rates) / ASKED, each_ms, max_ms(rates)
    )


def max_ms(rates: list[float]) -> float:
    """Milliseconds for one delivery in the slowest round."""
    return 1000 / min(rates)


def _round(pages: Opener, pager: list[str]) -> float:
    """Deliveries a second, from the first that was sent to the last, by the rows' own clock."""
    with pages.database.reading() as session:
        began = pages.clock.now(session)
    for _ in range(PAGES):
        pages.open()
    with running(pager):
        eventually(lambda: _waiting(pages) == 0, LONG_S)
    with pages.database.reading() as session:
        ends = func.count(), func.min(Attempt.sent_at), func.max(Attempt.sent_at)
        count, first, last = session.execute(select(*ends).where(Attempt.sent_at >= began)).one()
    return float(count - 1) * 1000 / (int(last or 0) - int(first or 0))


def _waiting(pages: Opener) -> int:
    with pages.database.reading() as session:
        return session.scalar(select(func.count()).where(Attempt.state.in_(("due", "claimed")))) or 0
