"""Rows ``sweep_growth``: a look at what is due, after few and after very many finished pages.

By default 1,000 beside 100,000; ``TIPLINE_BENCH_FINISHED=1000000`` makes it a million.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from notify import claims, pace
from notify.settings import PagingSettings, milliseconds
from notify.sweep import idle, sweep
from tests.load.clients import median, percentile
from tests.load.rows import Row
from tests.notify.world import World
from vault import migrate
from vault.database import Database

FEW = 1_000
MANY = int(os.environ.get("TIPLINE_BENCH_FINISHED", "100000"))
OPEN = 5
WARM_UP = 20
ROUNDS = 200
HANDS = 16
SETTINGS = PagingSettings()
STEP_MS = milliseconds(SETTINGS.second_after_s)
YEAR_MS = 365 * 86_400_000
# Of each page a text and a call to one of four people, and the digits of the text; all over a year.
FINISHED = (
    """
    INSERT INTO page (id, school, kind, subject, reference, urgency, rank, teams, snapshot, state, step,
        opened_at, next_at, acknowledged_by, acknowledged_at, seen_at, seen_by)
    WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < :count),
        people(place, person) AS (SELECT row_number() OVER (ORDER BY id) - 1, member_id FROM responder)
    SELECT lower(hex(randomblob(16))), school, kind, lower(hex(randomblob(16))), 'F' || n, urgency, rank,
        teams, snapshot, CASE n % 4 WHEN 0 THEN 'closed' ELSE 'acknowledged' END, 1,
        :now - :year + n * :year / (:count + 1), NULL, person, :now, :now, person
    FROM one, (SELECT * FROM page LIMIT 1), people WHERE place = n % 4
    """,
    """
    INSERT INTO attempt (id, page_id, responder_id, method_id, school, kind, channel, rank, step, state,
        due_at, hinted_until, tries, provider_id, created_at, sent_at)
    SELECT lower(hex(randomblob(16))), page.id, way.responder_id, way.id, school, 'page', way.channel,
        page.rank, 0, CASE way.channel WHEN 'sms' THEN 'delivered' ELSE 'cancelled' END,
        opened_at, 0, 1, lower(hex(randomblob(16))), opened_at, opened_at
    FROM page JOIN responder ON member_id = acknowledged_by
        JOIN contact_method way ON responder_id = responder.id
    """,
    """
    INSERT INTO page_code (id, page_id, responder_id, address_key, code, created_at)
    SELECT lower(hex(randomblob(16))), page_id, attempt.responder_id, address_key,
        10000 + abs(random() % 90000), created_at
    FROM attempt JOIN contact_method ON contact_method.id = method_id
    WHERE attempt.channel = 'sms' AND attempt.state = 'delivered'
    """,
)


def rows(many: int = MANY, rounds: int = ROUNDS) -> Iterator[Row]:
    """Medians of looks that are taken by turns, in one process: at due steps, and at nothing."""
    with _file() as first, _file() as second:
        after_few, after_many = school(first, FEW), school(second, many)
        for name, look in (("sweep_growth", due_look_ms), ("sweep_growth_idle", idle_look_ms)):
            _by_turns(look, after_few, after_many, WARM_UP)
            few, large = _by_turns(look, after_few, after_many, rounds)
            ratio = median(large) / median(few)
            yield Row(name, median(large), "ms", median(few), ratio, median(large), percentile(large, 0.99))


def school(database: Database, finished: int) -> World:
    """A pager's rows: five open pages whose next step is due, after so many ``finished`` ones."""
    world = World.with_counselors(database)
    made = {"count": finished, "now": world.clock.moment, "year": YEAR_MS}
    with database.writing() as session:
        for number in range(OPEN):
            world.open_only(session, subject=f"open-{number}")
        for statement in FINISHED:
            session.execute(text(statement), {key: made[key] for key in made if f":{key}" in statement})
    world.clock.moment += STEP_MS
    return world


def due_look_ms(world: World) -> float:
    """What the relay does when five steps are due, but for the commit: look, fire them, pick, hint."""
    now = world.clock.moment
    began = time.perf_counter()
    # Never committed: each look finds the rows as the first one did.
    with Session(world.database.engine) as session:
        if idle(session, now) or sweep(session, now).fired != OPEN:
            raise RuntimeError("a sweep did not find what is due")
        picked = pace.pick(session, now, HANDS, (), SETTINGS)
        claims.hint(session, now, picked.ids, now + 1)
        return (time.perf_counter() - began) * 1000


def idle_look_ms(world: World) -> float:
    """What the relay does each second while nothing is due: what scans, scans to the end."""
    before = world.clock.moment - STEP_MS - 1
    began = time.perf_counter()
    with world.database.reading() as session:
        if not idle(session, before) or pace.pick(session, before, HANDS, (), SETTINGS).ids:
            raise RuntimeError("something is due before its time")
    return (time.perf_counter() - began) * 1000


@contextmanager
def _file() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/tipline.db")
        migrate.upgrade(database)
        yield database
        database.close()


def _by_turns(
    look: Callable[[World], float], few: World, many: World, rounds: int
) -> tuple[list[float], list[float]]:
    turns = [(look(few), look(many)) for _ in range(rounds)]
    return [one for one, _ in turns], [other for _, other in turns]
