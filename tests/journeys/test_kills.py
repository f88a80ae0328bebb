"""Kill a process at any moment: nothing answered "received" is lost, and the phone still rings."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from notify.tables import Attempt
from tests.journeys.conftest import NewDemo
from tests.journeys.demo import Demo, code_in, reference_in
from tests.waiting import eventually
from vault.database import Database
from wiring.config import load

pytestmark = pytest.mark.slow

IMMEDIATE = "he has a knife and says he will stab my brother after school today"


def file(demo: Demo, text: str = IMMEDIATE) -> str:
    """Send the form as a browser would; the answer's text, or nothing when there was no answer."""
    try:
        answer = requests.post(f"{demo.form}/?lang=en", data={"text": text, "school": ""}, timeout=10)
    except requests.RequestException:
        return ""
    return answer.text if answer.ok and "Keep these six words" in answer.text else ""


def filed(demo: Demo) -> str:
    """Try until it is received, as a person would."""
    return eventually(lambda: file(demo), 30)


@pytest.mark.parametrize("name", ["public", "pager", "staff", "watchman"])
def test_the_phone_rings_although_a_process_was_just_killed(demo: Demo, name: str) -> None:
    before = {one["id"] for one in demo.carrier.pages()}
    pid = demo.kill(name)
    filed(demo)
    eventually(lambda: [one for one in demo.carrier.pages() if one["id"] not in before], 30)
    eventually(lambda: demo.restarted(name, pid), 30)


def test_the_phone_rings_although_the_pager_dies_right_after_the_answer(demo: Demo) -> None:
    before = {one["id"] for one in demo.carrier.pages()}
    filed(demo)
    demo.kill("pager")
    eventually(lambda: [one for one in demo.carrier.pages() if one["id"] not in before], 30)


def test_a_frozen_pager_is_replaced(demo: Demo) -> None:
    before = {one["id"] for one in demo.carrier.pages()}
    pid = demo.kill("pager", signal.SIGSTOP)
    filed(demo)
    eventually(lambda: [one for one in demo.carrier.pages() if one["id"] not in before], 60)
    eventually(lambda: demo.restarted("pager", pid), 30)


def test_a_carrier_that_froze_rings_within_six_seconds_of_its_thaw(demo: Demo) -> None:
    before = {one["id"] for one in demo.carrier.pages()}
    pid = demo.kill("simulator", signal.SIGSTOP)
    filed(demo)
    eventually(lambda: has_failed(demo), 9)
    with suppress(ProcessLookupError):  # after ten seconds the supervisor replaces it
        os.kill(pid, signal.SIGCONT)
    eventually(lambda: [one for one in demo.carrier.pages() if one["id"] not in before], 6)


def has_failed(demo: Demo) -> bool:
    """Whether an attempt under way has had no answer."""
    database = Database(load(demo.config).database_url)
    with database.reading() as session:
        silent = select(Attempt.id).where(
            Attempt.state.in_(("due", "claimed")), Attempt.error_code == "timeout"
        )
        found = session.scalar(silent.limit(1))
    database.close()
    return found is not None


def test_an_acknowledgement_counts_while_the_public_process_is_down(demo: Demo) -> None:
    before = {one["id"] for one in demo.carrier.pages()}
    filed(demo)
    page = eventually(lambda: [one for one in demo.carrier.pages() if one["id"] not in before], 20)[0]
    pid = demo.kill("public", signal.SIGSTOP)
    demo.carrier.send(page["to"], demo.carrier.number("pager"), code_in(page))
    reference = reference_in(page)
    eventually(
        lambda: [
            m
            for m in demo.carrier.messages()
            if "has case " + reference in m["body"] or "You have case " + reference in m["body"]
        ],
        75,
    )
    eventually(lambda: demo.restarted("public", pid), 30)


def test_everything_killed_right_after_the_answer_rings_after_the_restart(
    new_demo: NewDemo, tmp_path: Path
) -> None:
    demo = new_demo(tmp_path)
    demo.init()
    demo.start()
    filed(demo)
    demo.kill_all()
    demo.start()
    eventually(demo.carrier.pages, 10)
    demo.stop()


def test_ctrl_c_stops_everything_and_a_second_start_finds_its_data(new_demo: NewDemo, tmp_path: Path) -> None:
    demo = new_demo(tmp_path)
    demo.init()
    demo.start()
    filed(demo)
    page = eventually(demo.carrier.pages, 15)[0]
    demo.stop()
    assert not list((tmp_path / "run").glob("*.pid"))
    demo.init()
    demo.start()
    assert page["id"] in {one["id"] for one in demo.carrier.pages()}
    demo.stop()
