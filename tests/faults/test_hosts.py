"""Several hosts and a network between them: one falls silent, and the pages go on from the others."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

import pytest

from tests.faults.carrier import Taken
from tests.faults.crowding import crowding
from tests.faults.district import District, district
from tests.faults.filing import IMMEDIATE, Received, file, file_steadily, open_form, post_form, send_form
from tests.faults.verdict import Evidence, Rows, judge, paged, read_rows
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

Trouble: TypeAlias = Callable[[District], AbstractContextManager[None]]

# What a silent host had in its hands comes back when its lease, or its hint, has run out.
FIRST_S = 8.0
OVER_S = 40.0
MESSAGES = 10
STEADY_S = 1.0


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory, postgresql_server: str) -> Iterator[District]:
    with district(tmp_path_factory.mktemp("district"), postgresql_server) as made:
        yield made


@contextmanager
def without_a_standby(hosts: District) -> Iterator[None]:
    """Commits wait for it."""
    hosts.places[1].cut()
    yield
    hosts.places[1].mend()


@contextmanager
def read_only(hosts: District) -> Iterator[None]:
    hosts.first.tell("ALTER SYSTEM SET default_transaction_read_only = on")
    eventually(lambda: hosts.first.ask("SHOW default_transaction_read_only") == "on")
    # Who is there already hears of it at some moment of their own; who comes anew at once.
    hosts.first.ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    yield
    hosts.first.tell("ALTER SYSTEM RESET default_transaction_read_only")


@contextmanager
def crashed(hosts: District) -> Iterator[None]:
    hosts.first.stop()
    yield
    hosts.first.start_again()


def test_a_host_that_is_cut_off_while_it_sends_takes_no_page_with_it(hosts: District) -> None:
    answered, is_cut, sending = threading.Event(), threading.Event(), list[Taken]()

    def pull_the_cable(text: Taken) -> None:
        if not sending:
            sending.append(text)
            answered.wait(FIRST_S)
            hosts.demos_from(text.host)[0].host.cut()
            is_cut.set()

    carrier, patience = hosts.site.carrier, crowding()
    carrier.meanwhile = pull_the_cable
    file(hosts.demos[0].form, immediate=True)
    answered.set()
    assert is_cut.wait(FIRST_S * patience)
    carrier.meanwhile = None
    silent, other = hosts.demos_from(sending[0].host)
    file(other.form, immediate=True)
    eventually(lambda: len(paged(read_rows(hosts.site), carrier.taken)) == 2, FIRST_S * patience)
    eventually(lambda: is_over(read_rows(hosts.site)), OVER_S * patience)
    attempts = read_rows(hosts.site).attempts
    first = attempts[sending[0].attempt].page_id
    later = [one for one in carrier.taken if attempts[one.attempt].page_id != first]
    assert {one.host for one in later} == {other.host.address}
    texts = Counter((one.to, one.attempt) for one in carrier.taken if one.text)
    assert max(texts.values()) == 1, "the carrier was asked whether it had the text"
    silent.host.mend()
    eventually(lambda: takes(lambda: file(silent.form, immediate=True)), OVER_S * patience)
    eventually(lambda: len(paged(read_rows(hosts.site), carrier.taken)) == 3, FIRST_S * patience)


@pytest.mark.parametrize("trouble", [without_a_standby, read_only, crashed])
def test_what_cannot_be_stored_is_not_received_and_a_second_try_is_the_same_report(
    hosts: District, trouble: Trouble
) -> None:
    """Whoever writes hears that, and not nothing at all; what came before still rings, by nobody's hand."""
    form, before = hosts.demos[0].form, len(read_rows(hosts.site).reports)
    nonce = open_form(form)
    file(form, immediate=True)
    with trouble(hosts):
        answer = post_form(form, nonce, IMMEDIATE)
    assert answer.status_code == 503
    assert "NOT received" in answer.text
    assert IMMEDIATE in answer.text
    eventually(lambda: takes(lambda: send_form(form, nonce, IMMEDIATE)), OVER_S)
    eventually(lambda: is_over(read_rows(hosts.site)), OVER_S)
    rows = read_rows(hosts.site)
    assert len(rows.reports) == before + 2
    assert paged(rows, hosts.site.carrier.taken) == set(rows.pages)


def test_the_standby_takes_over_and_nothing_that_was_received_is_lost(hosts: District) -> None:
    """The first database is cut off while people write at both hosts; nobody restarts anything of ours."""
    began, patience = time.monotonic(), crowding()
    promoted = threading.Event()

    def write(form: str) -> tuple[Received, ...]:
        return file_steadily(form, MESSAGES, lambda: not promoted.is_set())

    with ThreadPoolExecutor(2) as reporters:
        writing = [reporters.submit(write, demo.form) for demo in hosts.demos]
        eventually(lambda: time.monotonic() > began + STEADY_S)
        hosts.places[0].cut()
        assert hosts.second.ask("SELECT pg_promote()")
        promoted.set()
        received = [one for each in writing for one in each.result()]
    carrier = hosts.site.carrier
    eventually(lambda: is_over(read_rows(hosts.site)), OVER_S * patience)
    evidence = Evidence(received, carrier.taken, (), time.time_ns() // 1_000_000)
    found = judge("hosts", hosts.site.pepper, read_rows(hosts.site), evidence)
    assert found.reports >= 2 * MESSAGES
    assert found.lost == 0
    assert found.duplicates <= 1


def is_over(rows: Rows) -> bool:
    return all(one.state in ("sent", "delivered") for one in rows.attempts.values())


def takes(act: Callable[[], object]) -> bool:
    try:
        return bool(act())
    except OSError:
        return False
