"""The queue server is gone for a while, and comes back having forgotten everything."""

import threading
import time

from redis import Redis

from notify.rq_hands import WORKERS_KEY
from tests.faults.filing import file_patiently
from tests.faults.site import Site
from tests.faults.verdict import paged, read_rows
from tests.journeys.production import WORKERS, Production
from tests.servers import Valkey
from tests.waiting import eventually

EVERY_S = 2.0
PATIENCE_S = 60.0


def without_queue(site: Site, queue: Valkey, seconds: float) -> float:
    """For how long, at worst, a message's page waited for its first send: before, during and after.

    Ends when the workers listen again.
    """
    worst, end, pause = _wait_for_one(site), time.monotonic() + seconds, threading.Event()
    queue.lose_everything()
    while time.monotonic() < end:
        worst = max(worst, _wait_for_one(site))
        pause.wait(min(EVERY_S, max(0.0, end - time.monotonic())))
    queue.start()
    worst = max(worst, _wait_for_one(site))
    assert isinstance(site.demo, Production)
    with Redis.from_url(site.demo.queue) as redis:
        eventually(lambda: redis.scard(WORKERS_KEY) == WORKERS, PATIENCE_S)
    return max(worst, _wait_for_one(site))


def _wait_for_one(site: Site) -> float:
    before = len(read_rows(site).pages)
    file_patiently(site.demo.form, immediate=True)
    began = time.monotonic()
    eventually(lambda: len(paged(read_rows(site), site.carrier.taken)) > before, PATIENCE_S)
    return time.monotonic() - began
