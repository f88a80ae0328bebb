"""Somebody sets the clocks wrong, and wrong again: pages leave at once, and each step when it is due."""

import tempfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from notify.tables import Pulse
from notify.vitals import WATCHMAN
from tests.faults.clock import WrongClock
from tests.faults.crowding import crowding
from tests.faults.filing import file
from tests.faults.site import Site, embedded, production
from tests.faults.verdict import read_rows
from tests.own_postgresql import OwnPostgresql
from tests.servers import Valkey
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WAIT_S = 2.0
PACE = {
    "second_after_s": WAIT_S,
    "everyone_after_s": 2 * WAIT_S,
    "repeat_s": WAIT_S,
    "texts_per_s": 0,
    "phone_pause_s": 0,
}
FIRST_S = 5.0
# A sweep each second, and a watchman who knows when it was only to within the pause of his pulse.
LATE_S = 8.0
EARLY_S = 1.0


@pytest.fixture(params=["embedded", "production"])
def wrong(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Site, WrongClock]]:
    """An install whose processes, and whose database server, all live by one clock that can be set."""
    if request.param == "embedded":
        clock, install = WrongClock(tmp_path), tmp_path / "install"
        install.mkdir()
        with embedded(install, PACE, clock.environment) as site:
            yield site, clock
        return
    running: str = request.getfixturevalue("postgresql_server")
    valkey: Valkey = request.getfixturevalue("valkey_server")
    with tempfile.TemporaryDirectory(prefix="tipline-clock-") as name:
        clock, server = WrongClock(Path(name)), OwnPostgresql(running, Path(name))
        server.start(environment=clock.environment)
        try:
            with production(tmp_path, server.address, valkey, PACE, clock.environment) as site:
                yield site, clock
        finally:
            server.stop()


def test_no_page_waits_for_a_clock_and_no_step_is_skipped_or_repeated(wrong: tuple[Site, WrongClock]) -> None:
    """An hour ahead, then two hours back. Nothing comes later than it would have come.

    Forward, where the database lives by that clock, a page may take one step before its time.
    """
    site, clock = wrong
    patience = crowding()
    for number, hours in enumerate((0, 1, -1)):
        clock.set(hours)
        before = pulse(site)
        file(site.demo.form, immediate=True)
        eventually(lambda number=number: len(steps(site)) > number, FIRST_S * patience)  # type: ignore[misc]
        # It goes like this for a while.
        eventually(lambda before=before: pulse(site) != before, LATE_S * patience)  # type: ignore[misc]
    eventually(lambda: all(len(one) > 2 for one in steps(site).values()), 6 * LATE_S * patience)
    for page in steps(site).values():
        assert list(page) == list(range(len(page))), "a step was skipped"
        waits = [later - earlier for earlier, later in pairwise(page.values())]
        assert max(waits) <= (WAIT_S + LATE_S) * patience
        assert sum(wait < WAIT_S - EARLY_S for wait in waits) <= (1 if site.queue else 0)


def pulse(site: Site) -> int | None:
    """When the watchman last noted that he looks."""
    with site.rows() as database, database.reading() as session:
        return session.scalar(select(Pulse.at).where(Pulse.process == WATCHMAN))


def steps(site: Site) -> Mapping[str, Mapping[int, float]]:
    """Of each page, when each of its steps first reached the carrier (seconds)."""
    rows, found = read_rows(site), dict[str, dict[int, float]]()
    for taken in site.carrier.taken:
        attempt = rows.attempts.get(taken.attempt)
        if attempt is not None and attempt.page_id is not None:
            found.setdefault(attempt.page_id, {}).setdefault(attempt.step, taken.at_ms / 1000)
    return found
