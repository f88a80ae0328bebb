"""Taking a thread back: only where the school allows it, asked first, told to the team, undone by writing."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from notify.tables import Page
from reporting import retention
from tests.reporting.browser import come_back, hidden, post, send, words, write
from tests.reporting.world import HOUR, MAPLE, World
from vault.database import Database
from vault.tables import AuditEvent, Report

SECRET = "Somebody in my class hurts himself and told nobody."
BUTTON = "Take my messages back"


@pytest.fixture
def allowing(database: Database, tmp_path: Path) -> World:
    """A world whose school lets reporters take threads back."""
    return World(database, tmp_path, schools=[replace(MAPLE, withdrawal=True)])


def taken_back(world: World) -> bool:
    return world.reports()[0].withdrawn_at is not None


def verbs(world: World) -> list[str]:
    with world.database.reading() as session:
        return list(session.scalars(select(AuditEvent.verb)))


def test_it_is_asked_first_and_then_done(allowing: World) -> None:
    client = allowing.client()
    thread = come_back(client, words(send(client, SECRET)))
    assert BUTTON in thread.text
    asked = post(client, "/thread/withdraw", {"token": hidden(thread)["token"]})
    assert "Take your messages back?" in asked.text
    assert "they will still act" in asked.text
    assert not taken_back(allowing)
    done = post(client, "/thread/withdraw", {"token": hidden(thread)["token"], "sure": "yes"})
    assert "You took your messages back" in done.text
    assert SECRET in done.text
    assert BUTTON not in done.text
    assert taken_back(allowing)
    assert verbs(allowing).count("thread_withdrawn") == 1


def test_doing_it_twice_starts_no_new_day(allowing: World) -> None:
    client = allowing.client()
    sure = {"token": hidden(come_back(client, words(send(client, SECRET))))["token"], "sure": "yes"}
    post(client, "/thread/withdraw", sure)
    before = allowing.reports()[0].withdrawn_at
    allowing.clock.turn(HOUR // 4)
    post(client, "/thread/withdraw", sure)
    assert allowing.reports()[0].withdrawn_at == before
    assert verbs(allowing).count("thread_withdrawn") == 1


def test_writing_again_keeps_it(allowing: World) -> None:
    client = allowing.client()
    thread = come_back(client, words(send(client, SECRET)))
    withdrawn = post(client, "/thread/withdraw", {"token": hidden(thread)["token"], "sure": "yes"})
    written = write(client, withdrawn, "No, please keep it.")
    assert "You took your messages back" not in written.text
    assert not taken_back(allowing)


def test_a_school_that_does_not_allow_it_neither_offers_nor_does_it(world: World) -> None:
    client = world.client()
    thread = come_back(client, words(send(client, SECRET)))
    assert BUTTON not in thread.text
    answer = post(client, "/thread/withdraw", {"token": hidden(thread)["token"], "sure": "yes"})
    assert SECRET in answer.text
    assert not taken_back(world)


def test_without_a_thread_of_ones_own_nothing_happens(allowing: World) -> None:
    client = allowing.client()
    send(client, SECRET)
    for forged in ("", "x", "A" * 200):
        answer = post(client, "/thread/withdraw", {"token": forged, "sure": "yes"})
        assert "works for 30 minutes only" in answer.text
    assert not taken_back(allowing)


def test_it_goes_a_day_after_it_was_taken_back_and_never_unread(allowing: World) -> None:
    client = allowing.client()
    receipt = words(send(client, SECRET))
    thread = come_back(client, receipt)
    post(client, "/thread/withdraw", {"token": hidden(thread)["token"], "sure": "yes"})
    day = retention.WITHDRAWAL_MS
    with allowing.database.writing() as session:
        now = allowing.clock.now(session)
        assert retention.purge(session, now + 30 * day) == 0, "nobody has read it"
        report = session.scalars(select(Report)).one()
        report.status, report.read_deadline = "open", None
        assert retention.purge(session, now + 30 * day) == 0, "somebody is being called for it"
        session.execute(update(Page).values(state="acknowledged", next_at=None))
    with allowing.database.writing() as session:
        assert retention.purge(session, now + day - HOUR) == 0
        assert retention.purge(session, now + day) == 1
    assert "could not find a message" in come_back(client, receipt).text
    assert allowing.reports() == []
