"""Row ``escalation_lateness``: from a page's deadline to the provider's API call, among very many open pages.

The real pager's loop beside a bare one that looks once a second, both on the rows of one SQLite file.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from notify.tables import Attempt, Page
from tests.load import floor_due
from tests.load.arrivals import Arrivals
from tests.load.clients import median, percentile
from tests.load.paging import NS_PER_MS, PATIENCE_S, Opener, pager, running
from tests.load.rows import Row
from tests.waiting import eventually
from vault.ids import new_id, new_reference

OPEN = 10_000
DEADLINES = 200
PER_SECOND = 10
HEAD_START_MS = 3_000
FAR_MS = 3_600_000


def rows(is_open: int = OPEN, deadlines: int = DEADLINES) -> Iterator[Row]:
    """The 99th percentile of 200 deadlines, ten a second, each followed by one of the bare loop."""
    arrivals = Arrivals()
    with tempfile.TemporaryDirectory() as folder, pager(Path(folder), arrivals.base) as pages:
        like = _one_that_was_sent(pages, arrivals)
        with _bare_loop(pages, arrivals.base):
            ours, bare = _fall_due(pages, like, is_open, deadlines)
            last_s = HEAD_START_MS / 1000 + deadlines / PER_SECOND
            eventually(lambda: arrivals.at.keys() >= ours.keys() | bare.keys(), last_s + PATIENCE_S)
    arrivals.close()
    late, baseline = _lateness(ours, arrivals), _lateness(bare, arrivals)
    p99, floor_p99 = percentile(late, 0.99), percentile(baseline, 0.99)
    yield Row("escalation_lateness", p99, "ms", floor_p99, p99 / floor_p99, median(late), p99)


def _one_that_was_sent(pages: Opener, arrivals: Arrivals) -> str:
    """The id of a page of which the first step is over: what all others are made like."""
    reference, _ = pages.open()
    eventually(lambda: reference in arrivals.at, PATIENCE_S)

    def sent() -> str | None:
        with pages.database.reading() as session:
            found = select(Page.id).where(Page.reference == reference)
            page_id = session.scalars(found).one()
            states = set(session.scalars(select(Attempt.state).where(Attempt.page_id == page_id)))
        return page_id if states == {"sent"} else None

    return str(eventually(sent, PATIENCE_S))


@contextmanager
def _bare_loop(pages: Opener, provider_address: str) -> Iterator[None]:
    with pages.database.writing() as session:
        session.execute(text(floor_due.SCHEMA))
        session.execute(text(floor_due.INDEX))
    with running([sys.executable, "-m", "tests.load.floor_due", pages.database.url, provider_address]):
        yield


def _fall_due(
    pages: Opener, like: str, is_open: int, deadlines: int
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Open pages of which some fall due soon, and rows of the bare loop; by word, when (monotonic ns)."""
    apart_ms = 1000 // PER_SECOND
    with pages.database.writing() as session:
        now, monotonic = pages.clock.now(session), time.monotonic_ns()
        first = now + HEAD_START_MS
        ours = {new_reference(): first + turn * apart_ms for turn in range(deadlines)}
        others = {new_reference(): now + FAR_MS + turn for turn in range(is_open - deadlines)}
        _copy(session, like, ours | others)
        bare = {new_id(): when + apart_ms // 2 for when in ours.values()}
        due = [{"word": word, "due_at": when} for word, when in bare.items()]
        session.execute(text("INSERT INTO deadline VALUES (:word, :due_at, 0)"), due)
    in_ns = [
        {word: monotonic + (when - now) * NS_PER_MS for word, when in some.items()} for some in (ours, bare)
    ]
    return in_ns[0], in_ns[1]


def _copy(session: Session, like: str, deadlines: Mapping[str, int]) -> None:
    """Pages like that one with its attempts, but for their reference and their deadline."""
    page = _values(session.get_one(Page, like))
    attempts = [_values(one) for one in session.scalars(select(Attempt).where(Attempt.page_id == like))]
    ids = {reference: new_id() for reference in deadlines}
    made = [
        page | {"id": ids[reference], "subject": new_id(), "reference": reference, "next_at": when}
        for reference, when in deadlines.items()
    ]
    session.execute(insert(Page), made)
    tried = [
        one | {"id": new_id(), "page_id": page_id, "provider_id": new_id(), "state": "delivered"}
        for page_id in ids.values()
        for one in attempts
    ]
    session.execute(insert(Attempt), tried)


def _values(row: Page | Attempt) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _lateness(due: Mapping[str, int], arrivals: Arrivals) -> list[float]:
    return [(arrivals.at[word] - when) / NS_PER_MS for word, when in due.items()]
