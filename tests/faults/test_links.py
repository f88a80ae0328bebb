"""A link breaks while a page is being sent: the pages go on, and each of them is sent."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import make_url, select

from notify.deliver import deliver
from notify.hands import ThreadHands
from notify.notices import NoticeListener
from notify.relay import Relay
from notify.tables import Attempt
from tests.faults.proxy import Link, to_port, to_socket
from tests.notify.test_rq import delivering, relaying, workers, write_pages
from tests.notify.world import World
from tests.servers import Valkey
from tests.waiting import eventually
from vault.clock import ServerClock
from vault.database import Database

PAGES = 4
AWAY_S = 1.0
FAR_S = 0.01


@pytest.fixture
def world(postgresql_database: Database) -> World:
    return World.with_counselors(postgresql_database)


@pytest.fixture
def far(world: World) -> Iterator[tuple[Link, Database]]:
    """The world's database as another host reaches it."""
    url = make_url(world.database.url)
    link = Link(to_socket(f"{url.query['host']}/.s.PGSQL.5432"))
    there = url.set(host="127.0.0.1", port=link.port, query={})
    link.delay_s = FAR_S
    with closing(link), closing(Database(there.render_as_string(hide_password=False))) as database:
        yield link, database


def test_the_databases_link_is_cut_while_a_page_is_sent(world: World, far: tuple[Link, Database]) -> None:
    link, database = far
    with world.database.reading() as session:
        world.clock.moment = ServerClock().now(session)
    settings = replace(world.settings, lease_s=1)
    desk = replace(world.desk, database=database, clock=ServerClock(), settings=settings)

    def breaks(_attempt_id: str) -> None:
        link.cut()
        threading.Timer(AWAY_S, link.mend).start()

    world.carrier.meanwhile = breaks
    write_pages(world, PAGES, "immediate")
    stop, listener = threading.Event(), NoticeListener(database.url)
    hands = ThreadHands(2, lambda attempt_id: deliver(desk, attempt_id), listener)
    relay = Relay(
        database=database,
        clock=desk.clock,
        hands=hands,
        settings=settings,
        listener=listener,
        breaker=world.breaker,
        alarm=world.alarms,
    )
    running = threading.Thread(target=relay.run, args=(stop,))
    running.start()
    try:
        eventually(lambda: states(world.database) == {"sent"}, 20)
    finally:
        stop.set()
        listener.wake()
        running.join()
        listener.close()
    assert len(world.carrier.texts) == PAGES, "what the carrier had before the cut is not sent again"
    assert len(world.carrier.calls) >= PAGES


def states(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Attempt.state)))


def test_the_queues_link_swallows_everything_while_a_page_is_sent(
    world: World, valkey_server: Valkey
) -> None:
    queue = make_url(valkey_server.new_address())
    assert queue.port
    link = Link(to_port(queue.port))
    there = queue.set(port=link.port).render_as_string()
    world.carrier.meanwhile = lambda _attempt_id: link.blackhole()
    with closing(link), workers(str(queue), delivering(world)), relaying(world, there) as listener:
        write_pages(world, PAGES, "immediate")
        listener.wake()
        eventually(lambda: len(world.carrier.attempts) == 2 * PAGES, 20)
    assert len(set(world.carrier.attempts)) == 2 * PAGES
