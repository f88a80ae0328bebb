"""Somebody left and kept everything they ever had: what comes later is not for them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.casework.world import INSTALL, PASSWORD, SCHOOL, World
from tests.reporting.browser import send
from tests.reporting.test_text_line import text
from tests.security.whole import Whole, let_in
from vault import directory as directories
from vault import threads
from vault.database import Database
from vault.kem import PrivateKey
from vault.tables import Report
from vault.threads import ThreadItem

COOKIE = "__Host-tipline-staff"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def world(any_database: Database, tmp_path: Path) -> Whole:
    return Whole(any_database, tmp_path)


def everything_of(world: World, member: str) -> dict[str, PrivateKey]:
    """Every key that this member can get hold of today."""
    with world.database.reading() as session:
        directory = world.reader.current(session)
        return directories.team_private_keys(session, INSTALL, world.members[member], directory)


def last_with(world: World, report_id: str, keys: dict[str, PrivateKey]) -> ThreadItem:
    with world.database.reading() as session:
        directory = world.reader.current(session)
        return threads.open_thread(session, INSTALL, report_id, keys, directory)[-1]


def report_of(world: Whole, words: str) -> str:
    """The report whose last message says ``words``, as Ana finds it."""
    keys = everything_of(world, "ana")
    with world.database.reading() as session:
        ids = [row.id for row in session.query(Report)]
    return next(one for one in ids if last_with(world, one, keys).text == words)


def test_what_comes_after_somebody_left_is_closed_to_them_and_open_to_all_others(world: Whole) -> None:
    """By the form, by text and in a reply; though the first try to take them out was killed half-way."""
    public, filed = world.public(), world.file("from before")
    cookie = world.signed_in("ben").client.get_cookie(COOKIE, "staff.example.test")
    kept = everything_of(world, "ben")
    assert last_with(world, filed.report_id, kept).text == "from before"

    _kill_half_way(world)
    assert world.directory.team_by_id["counseling"].members == {"ana", "ben"}
    ana = world.signed_in("ana")
    ana.get("/people")
    ana.post("/people/take-out", team="counseling", member="ben", everywhere="yes")

    send(public, "written to the form", school=SCHOOL.id)
    text(public, "written from a phone", "SM1")
    case = ana.get(f"/case/{filed.reference}")
    assert case.status_code == 200
    ana.post(f"/case/{filed.reference}/reply", text="a reply to the first", seen=1)
    for words in ("written to the form", "written from a phone", "a reply to the first"):
        report = report_of(world, words)
        assert last_with(world, report, kept).state == "closed", words
        assert last_with(world, report, everything_of(world, "ben")).state != "opened", words
        assert last_with(world, report, everything_of(world, "sol")).text == words
    assert world.read_with_receipt(filed)[-1].text == "a reply to the first"

    gone = world.browser()
    assert cookie is not None
    gone.client.set_cookie(COOKIE, cookie.value, domain="staff.example.test", secure=True)
    assert gone.get(f"/case/{filed.reference}").status_code == 303
    assert gone.sign_in("ben", PASSWORD).status_code == 401


def test_a_team_that_nobody_of_was_there_gets_its_key_with_the_next_one_who_looks(world: Whole) -> None:
    """Ben was in two teams; Ana could renew only the one she is in."""
    kept = everything_of(world, "ben")
    sol = world.signed_in("sol")
    world.offered("ben", "social_work")
    assert let_in(sol, "social_work") == "/people?notice=let_in"
    kept |= everything_of(world, "ben")
    ana = world.signed_in("ana")
    ana.get("/people")
    ana.post("/people/take-out", team="counseling", member="ben", everywhere="yes")
    assert {team.id for team in world.directory.stale_teams()} == {"social_work"}
    sol.get("/")
    assert world.directory.stale_teams() == ()
    filed = world.file("for both teams")
    assert last_with(world, filed.report_id, kept).state == "closed"
    assert last_with(world, filed.report_id, everything_of(world, "sol")).text == "for both teams"


def _kill_half_way(world: Whole) -> None:
    command = [sys.executable, "-m", "tests.security.dismissing", world.database.url]
    process = subprocess.Popen(
        [*command, world.directory.fingerprint], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.wait(10)
    process.stdout.close()
