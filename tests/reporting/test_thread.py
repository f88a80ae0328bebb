"""Coming back: the receipt opens the thread, the answer is read, another message is written."""

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, select, update

from notify.tables import Page
from reporting.flood import BURST, Flood
from reporting.receipt import WORDS
from tests.reporting.browser import box, come_back, digits, hidden, post, send, words, write
from tests.reporting.world import HOUR, MINUTE, World
from triage import Assessment
from vault.tables import Message, Report

SECRET = "Somebody in my class hurts himself and told nobody."
GRAVE = "I am going to kill myself tonight. I wrote a note."


def test_the_answer_is_read_and_answered(world: World) -> None:
    client = world.client()
    receipt = words(send(client, SECRET))
    assert "No answer yet" in come_back(client, receipt).text
    (report,) = world.reports()
    world.reply("ana", report.id, "Thank you. Is he safe at home?")
    thread = come_back(client, receipt.upper().replace(" ", ", "))
    assert "Is he safe at home?" in thread.text
    assert "No answer yet" not in thread.text
    written = write(client, thread, "I think so.", safe="times", times="after 4")
    assert "Received" in written.text
    assert "I think so." in written.text
    last = world.read_as("ana", report.id)[-1]
    assert last.text == "I think so."
    assert last.facts["safe_to_write_back"] == "times"
    assert last.facts["safe_times"] == "after 4"


def test_the_digits_open_it_too_and_so_does_the_received_view(world: World) -> None:
    client = world.client()
    received = send(client, SECRET)
    assert SECRET in come_back(client, digits(received)).text
    assert SECRET in post(client, "/thread", hidden(received)).text


def test_a_worse_message_raises_the_report_and_pages(world: World) -> None:
    client = world.client()
    receipt = words(send(client, "The lights in the gym are broken."))
    assert world.reports()[0].urgency == "routine"
    assert world.bell.rung == 0, "nobody is to be called: the pager may sleep"
    write(client, come_back(client, receipt), GRAVE)
    assert world.reports()[0].urgency == "immediate"
    assert world.bell.rung == 1
    with world.database.reading() as session:
        assert session.scalars(select(Page.urgency)).all() == ["immediate"]


def test_a_later_calm_message_never_lowers_and_asks_to_be_read(world: World) -> None:
    client = world.client()
    receipt = words(send(client, GRAVE))
    with world.database.writing() as session:
        session.execute(update(Report).values(status="closed", read_deadline=None))
    write(client, come_back(client, receipt), "thanks, bye")
    (report,) = world.reports()
    assert (report.urgency, report.status) == ("immediate", "open")
    assert report.read_deadline is not None


def test_pressing_twice_files_once_but_a_word_may_be_said_again(world: World) -> None:
    client = world.client()
    receipt = words(send(client, SECRET))
    (report,) = world.reports()
    thread = come_back(client, receipt)
    write(client, thread, "yes")
    write(client, thread, "yes")
    world.reply("ana", report.id, "Really?")
    write(client, thread, "yes")
    assert [item.text for item in world.read_as("ana", report.id)] == [SECRET, "yes", "Really?", "yes"]


def test_what_was_routed_to_the_district_stays_there(world: World) -> None:
    client = world.client()
    receipt = words(send(client, "He shouts at us.", adult="yes"))
    write(client, come_back(client, receipt), "It happened again.")
    (report,) = world.reports()
    assert [item.state for item in world.read_as("dora", report.id)] == ["opened", "opened"]
    assert [item.state for item in world.read_as("ana", report.id)] == ["closed", "closed"]


def test_removed_and_forged_messages_are_shown_as_missing(world: World) -> None:
    client = world.client()
    receipt = words(send(client, SECRET))
    (report,) = world.reports()
    world.reply("ana", report.id, "first answer")
    world.reply("ben", report.id, "second answer")
    with world.database.writing() as session:
        session.execute(delete(Message).where(Message.seq == 1))
        session.execute(update(Message).where(Message.seq == 2).values(author="reporter"))
    thread = come_back(client, receipt).text
    assert "Somebody or something removed it" in thread
    assert "could not prove who wrote it" in thread
    assert "answer</p>" not in thread


def test_a_wrong_receipt_is_answered_calmly_and_keeps_what_was_typed(world: World) -> None:
    answer = come_back(world.client(), "six words that are not here")
    assert answer.status_code == 200
    assert "could not find a message" in answer.text
    assert "six words that are not here" in answer.text
    assert WORDS[0] not in answer.text


def test_after_half_an_hour_the_receipt_is_asked_again_and_the_text_is_kept(world: World) -> None:
    client = world.client()
    receipt = words(send(client, SECRET))
    thread = come_back(client, receipt)
    world.clock.turn(31 * MINUTE)
    asked = write(client, thread, "one more thing")
    assert box(asked) == "one more thing"
    again = post(client, "/thread", {"receipt": receipt, "text": box(asked)})
    assert box(again) == "one more thing"
    assert SECRET in again.text


@pytest.mark.parametrize("token", ["", "forged", "A" * 64, "é"])
def test_a_forged_token_opens_nothing(world: World, token: str) -> None:
    client = world.client()
    send(client, SECRET)
    answer = post(client, "/thread/write", {"token": token, "text": "hello"})
    assert SECRET not in answer.text
    assert box(answer) == "hello"


def test_an_empty_message_and_a_failing_database_keep_the_text(world: World) -> None:
    client = world.client()
    receipt = words(send(client, SECRET))
    thread = come_back(client, receipt)
    assert "The box is empty" in write(client, thread, "  ", safe="no").text
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE audit_event RENAME TO gone")
    failed = write(client, thread, "one more thing")
    assert failed.status_code == 503
    assert "NOT received" in failed.text
    assert box(failed) == "one more thing"
    assert world.bell.alarms == ["thread_cannot_commit"]


def test_without_a_database_coming_back_is_answered_too(world: World) -> None:
    client = world.client()
    receipt = words(send(client, SECRET))
    with world.database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE report RENAME TO gone")
    failed = come_back(client, receipt)
    assert failed.status_code == 503
    assert "988" in failed.text


def test_signals_of_the_last_hours_count(world: World) -> None:
    seen: list[tuple[str, ...]] = []

    def assess(text: str, recent: Sequence[str]) -> Assessment:
        seen.append(tuple(recent))
        return world.assess(text, recent)

    client = world.client_that(assess)
    receipt = words(send(client, GRAVE))
    write(client, come_back(client, receipt), "tonight")
    world.clock.turn(3 * HOUR)
    write(client, come_back(client, receipt), "still here")
    assert seen[0] == ()
    assert seen[1] != ()
    assert seen[2] == ()


def test_a_flood_of_wrong_receipts_slows_and_never_locks(world: World) -> None:
    slept: list[float] = []
    flood = Flood(world.clock.wall, slept.append)
    for _ in range(int(BURST)):
        flood.wrong()
    assert slept == []
    for _ in range(500):
        flood.wrong()
    assert slept == sorted(slept)
    assert 0 < slept[0] < 0.1
    assert slept[-1] == pytest.approx(2.0)
    world.clock.turn(HOUR)
    slept.clear()
    flood.wrong()
    assert slept == []
