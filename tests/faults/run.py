"""One set-up under fire: file, kill, wait until every page rang or had its time, judge."""

import random
import time
from dataclasses import replace

from tests.faults.crowding import crowding
from tests.faults.filing import PER_SECOND, file_steadily
from tests.faults.killer import Killer
from tests.faults.site import Site
from tests.faults.verdict import Evidence, Verdict, judge, paged, read_rows
from tests.waiting import eventually

MESSAGES_A_KILL = 4
# Of a page's first send, on a machine that nobody else uses.
LATE_S = 5.0
QUIET_S = 45.0
SETTLE_S = 5.0


def kills(site: Site, setup: str, count: int, chance: random.Random) -> tuple[Verdict, float]:
    """``count`` SIGKILLs, uniform over the time in which at least four messages a kill are filed.

    Also within how many seconds a first send should have come: more than five where others use the machine.
    """
    before = crowding()
    messages = count * MESSAGES_A_KILL
    moments = sorted(chance.uniform(0, messages / PER_SECOND) for _ in range(count))
    killer = Killer(site, moments, chance)
    killer.start()
    try:
        received = file_steadily(site.demo.form, messages, killer.works)
    finally:
        killer.close()
    evidence = _heard_out(site, Evidence(received, (), (), 0))
    evidence = replace(evidence, restarts=killer.restarts)
    return judge(setup, site.pepper, read_rows(site), evidence), LATE_S * max(before, crowding())


def _heard_out(site: Site, evidence: Evidence) -> Evidence:
    """Wait until every page was sent and no attempt is under way any more, or long enough."""
    end = time.monotonic() + QUIET_S
    eventually(lambda: _is_calm(site) or time.monotonic() > end, QUIET_S + SETTLE_S)
    return replace(evidence, taken=site.carrier.taken, until_ms=time.time_ns() // 1_000_000)


def _is_calm(site: Site) -> bool:
    rows = read_rows(site)
    under_way = [one for one in rows.attempts.values() if one.state in ("due", "claimed")]
    return not under_way and paged(rows, site.carrier.taken) == set(rows.pages)
