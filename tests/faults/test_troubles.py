"""One trouble at a time comes over a running install: it goes on, and nobody mends anything by hand."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.faults.absence import without_queue
from tests.faults.carrier import Taken
from tests.faults.crowding import crowding
from tests.faults.disk import Disk, small_disk
from tests.faults.filing import IMMEDIATE, Received, file, open_form, post_form
from tests.faults.site import Site, embedded, production
from tests.faults.verdict import Rows, paged, read_rows
from tests.journeys.demo import code_in
from tests.servers import Valkey
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FIRST_MESSAGES = 50
# More than the twelve seconds after which a worker of RQ gives up by itself.
AWAY_S = 30.0
FIRST_S = 5.0
MANY = 500
OVER_S = 30.0


@pytest.fixture(scope="module", params=["embedded", "production"])
def trouble(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Disk | None]]:
    """A running install for all of this; SQLite's is on a small disk, if this machine lets us have one."""
    folder = tmp_path_factory.mktemp("install")
    if request.param == "embedded":
        with small_disk(folder) as disk, embedded(folder) as site:
            yield site, disk
        return
    server: str = request.getfixturevalue("postgresql_server")
    valkey = Valkey()
    valkey.start()
    try:
        with production(folder, server, valkey) as site:
            yield site, None
    finally:
        valkey.stop()


@pytest.fixture
def site(trouble: tuple[Site, Disk | None]) -> Iterator[Site]:
    """Calm again after each story: everything that it began is over."""
    site, _ = trouble
    yield site
    site.carrier.meanwhile = None
    eventually(lambda: is_over(read_rows(site)), OVER_S * crowding())


def test_a_carrier_that_answers_rings_every_phone_once(site: Site) -> None:
    file(site.demo.form, immediate=True)
    rung = heard(site, 0)
    assert set(Counter((one.to, one.attempt) for one in rung).values()) == {1}


def test_fifty_first_messages_at_the_same_moment_are_all_received(site: Site) -> None:
    gate, before = threading.Barrier(FIRST_MESSAGES), read_rows(site)

    def write(number: int) -> Received:
        gate.wait()
        return file(site.demo.form, immediate=number % 2 == 0)

    with ThreadPoolExecutor(FIRST_MESSAGES) as reporters:
        received = list(reporters.map(write, range(FIRST_MESSAGES)))
    assert len({one.receipt for one in received}) == FIRST_MESSAGES
    rows = read_rows(site)
    assert len(rows.reports) - len(before.reports) == FIRST_MESSAGES
    assert len(rows.pages) - len(before.pages) == FIRST_MESSAGES // 2
    eventually(lambda: paged(rows, site.carrier.taken) == set(rows.pages), OVER_S)


def test_a_kill_right_after_the_carrier_took_a_text_does_not_text_that_phone_again(site: Site) -> None:
    killed, before = list[Taken](), len(site.carrier.taken)

    def kill(text: Taken) -> None:
        if text.text and not killed:
            killed.append(text)
            for name in site.delivering:
                site.demo.kill(name)

    site.carrier.meanwhile = kill
    file(site.demo.form, immediate=True)
    texts = [one for one in heard(site, before) if one.text]
    first = killed[0]
    assert code_in({"body": first.text})
    assert max(Counter((one.to, one.text, one.attempt) for one in texts).values()) == 1
    # Of one phone all texts are this very text: the code is the same.
    assert {one.text for one in texts if one.to == first.to} == {first.text}


def test_a_carrier_that_takes_a_text_and_says_nothing_is_asked(site: Site) -> None:
    """The connection ends after it took what we sent: at the worst the phone hears the same once more."""
    before, cut = len(site.carrier.taken), set[str]()

    def hang_up_once(taken: Taken) -> None:
        if taken.attempt not in cut:
            cut.add(taken.attempt)
            hang_up(taken)

    site.carrier.meanwhile = hang_up_once
    file(site.demo.form, immediate=True)
    rung = heard(site, before)
    assert cut == {one.attempt for one in rung}
    assert max(Counter(one.attempt for one in rung).values()) <= 2
    assert len({(one.to, one.text) for one in rung}) == len(cut), "the same words, with the same digits"


def test_a_queue_that_is_gone_for_half_a_minute_and_comes_back_empty_delays_nothing(site: Site) -> None:
    if site.queue is None:
        pytest.skip("this set-up has no queue")
    assert without_queue(site, site.queue, AWAY_S) <= FIRST_S * crowding()


def test_on_a_full_disk_nothing_is_received_and_what_was_still_rings(
    site: Site, trouble: tuple[Site, Disk | None]
) -> None:
    """Its page is under way when the disk fills up; each try is noted before it is made, and after."""
    _, disk = trouble
    if disk is None:
        pytest.skip("needs SQLite on a disk of its own: root with CAP_SYS_ADMIN")
    site.carrier.meanwhile = hang_up
    before, form = len(read_rows(site).reports), site.demo.form
    file(form, immediate=True)
    with disk.full():
        taken, nonce, answer = fill_up(form)
        assert answer.status_code == 503
        assert "NOT received" in answer.text
        assert IMMEDIATE in answer.text
        site.carrier.meanwhile = None
        eventually(lambda: is_over(read_rows(site)), OVER_S)
    eventually(lambda: post_form(form, nonce, IMMEDIATE).ok, OVER_S)
    rows = read_rows(site)
    assert len(rows.reports) == before + taken + 2
    eventually(lambda: paged(read_rows(site), site.carrier.taken) == set(rows.pages), OVER_S)


def hang_up(_taken: Taken) -> None:
    raise ConnectionResetError


def fill_up(form: str) -> tuple[int, str, requests.Response]:
    """Write until it is refused: how many were not, and the form that was, with its answer."""
    for taken in range(MANY):
        nonce = open_form(form)
        answer = post_form(form, nonce, IMMEDIATE)
        if not answer.ok:
            return taken, nonce, answer
    raise AssertionError("a full disk takes everything")


def heard(site: Site, before: int) -> list[Taken]:
    """What the carrier took after the first ``before``, once everything is over."""
    eventually(lambda: len(site.carrier.taken) > before and is_over(read_rows(site)), OVER_S * crowding())
    return list(site.carrier.taken[before:])


def is_over(rows: Rows) -> bool:
    return all(one.state in ("sent", "delivered") for one in rows.attempts.values())
