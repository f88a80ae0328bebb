"""``tipline status``: a screen for a person, stable keys for a program, an exit code for a script."""

import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from notify import vitals
from notify.tables import Attempt, Page, Pulse
from tests.servers import Valkey
from tests.wiring.test_impairment import change, page
from wiring import status
from wiring.cli import tipline
from wiring.commands.status import age
from wiring.ground import Ground
from wiring.settings import QueueSection
from wiring.vitals import Vitals

PROCESSES = ("public", "staff", "pager", "watchman")


@pytest.fixture
def working(fresh: Ground) -> Ground:
    """An install whose processes have just worked."""
    for process in PROCESSES:
        Vitals(fresh.database, fresh.clock, process).beat()
    return fresh


def run(ground: Ground, *options: str) -> Result:
    return CliRunner().invoke(tipline, ["status", "--config", str(ground.config.path), *options])


def test_a_person_sees_that_pages_leave(working: Ground) -> None:
    done = run(working)
    assert done.exit_code == 0
    assert done.output.startswith("Pages leave.\n")
    assert "no page waits for somebody" in done.output


def test_the_keys_are_a_contract(working: Ground) -> None:
    page(working)
    change(working, Attempt, state="sent", sent_at=1)
    found = json.loads(run(working, "--json").output)
    assert set(found) == {
        "well",
        "paging_impaired",
        "processes",
        "watchman",
        "last_sweep_s",
        "due",
        "oldest_due_s",
        "open_pages",
        "last_sends",
        "queued",
        "live",
        "roster",
        "self_tests",
    }
    assert [set(one) for one in found["processes"]] == [{"name", "beats", "age_s"}] * 4
    assert [set(one) for one in found["open_pages"]] == [{"urgency", "count", "oldest_s"}]
    assert set(found["last_sends"][0]) == {"channel", "state", "error", "error_class", "age_s"}
    assert (found["well"], found["watchman"], found["queued"]) == (True, "well", None)
    assert found["live"] == {"larkspur": False}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_that_fell_silent_is_named(working: Ground, process: str) -> None:
    with working.database.writing() as session:
        before = working.clock.now(session) - 120_000
        session.execute(update(Pulse).where(Pulse.process == process).values(at=before))
    done = run(working)
    assert done.exit_code == 1
    assert done.output.startswith("PAGES MAY NOT LEAVE.")
    assert re.search(rf"^NOT  {process} +worked 2 min ago$", done.output, re.MULTILINE)


def test_what_the_watchman_found_is_said(working: Ground) -> None:
    Vitals(working.database, working.clock, vitals.WATCHMAN).beat("page_deadline_missed")
    done = run(working)
    assert done.exit_code == 1
    assert "says: page deadline missed" in done.output


def test_what_waits_and_what_failed_is_shown_with_its_age(working: Ground) -> None:
    now = page(working)
    change(working, Page, opened_at=now - 7_200_000)
    with working.database.writing() as session:
        texts, calls = (update(Attempt).where(Attempt.channel == channel) for channel in ("sms", "voice"))
        session.execute(texts.values(state="failed", error_code="30034", due_at=now - 60_000))
        session.execute(calls.values(due_at=now - 40_000))
    done = run(working)
    assert done.exit_code == 1
    assert "open      1 immediate, the oldest calls for 2 h" in done.output
    assert re.search(r"due       1, the oldest for 4\d s", done.output)
    assert "text: failed (30034, system), 1 min ago" in done.output


def test_an_install_that_never_ran_says_so(fresh: Ground) -> None:
    done = run(fresh)
    assert done.exit_code == 1
    assert done.output.count("never worked") == 4


def test_the_queue_is_looked_at_too(working: Ground, valkey_server: Valkey) -> None:
    def queued(url: str) -> int | None:
        settings = replace(working.config.settings, queue=QueueSection(url=url))
        return status.look(replace(working, config=replace(working.config, settings=settings))).queued

    assert queued(valkey_server.new_address()) == 0
    assert queued("redis://127.0.0.1:1/0") == -1


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (61, "1 min"), (7200, "2 h"), (200_000, "2 d")])
def test_ages_are_short(seconds: float, said: str) -> None:
    assert age(seconds) == said
