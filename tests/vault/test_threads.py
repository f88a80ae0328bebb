"""Threads as stories: what is written comes back, to those it was written for."""

import threading
from collections import Counter

import pytest

from tests.vault.school import COUNSELING, INSTALL, new_report, receipt_key
from tests.vault.story import FIRST, Story
from vault import threads
from vault.database import Database
from vault.errors import ThreadMovedError, UnknownReportError
from vault.threads import Recipient


@pytest.fixture
def story(any_database: Database) -> Story:
    return Story(any_database)


def test_a_message_comes_back_to_team_and_reporter(story: Story) -> None:
    story.write()
    story.reply("Thank you for telling us. Are you safe now?")
    for openers in ({"receipt": story.receipt}, story.team_keys("ana"), story.team_keys("ben")):
        first, reply = story.read(openers)
        assert (first.state, first.text, first.facts) == ("opened", FIRST.text, FIRST.facts)
        assert (first.assessment, first.minute, first.member_id) == (FIRST.assessment, 60_000, None)
        assert (reply.state, reply.author, reply.member_id) == ("opened", "member", "ana")


def test_nobody_else_opens_it(story: Story) -> None:
    story.write()
    assert story.read(story.team_keys("cho"))[0].state == "closed"
    assert story.read({})[0].text == ""
    stranger, _ = receipt_key()
    assert story.read({"receipt": stranger})[0].state == "forged"


def test_the_second_writer_of_the_same_place_is_told(story: Story) -> None:
    head = story.head()
    one, two = (threads.seal_message(head, "reporter", FIRST, story.team) for _ in range(2))
    with story.database.writing() as session:
        threads.append(session, one, 0)
        with pytest.raises(ThreadMovedError):
            threads.append(session, two, 0)
    with story.database.writing() as session, pytest.raises(ThreadMovedError):
        threads.append(session, two, 0)
    assert story.head().seq == 1


def test_of_many_writers_at_once_one_takes_the_place(story: Story) -> None:
    head = story.head()
    gate, outcomes = threading.Barrier(4), Counter[str]()

    def write() -> None:
        sealed = threads.seal_message(head, "reporter", FIRST, story.team)
        gate.wait()
        try:
            with story.database.writing() as session:
                threads.append(session, sealed, 0)
            outcomes["stored"] += 1
        except ThreadMovedError:
            outcomes["moved"] += 1

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert outcomes == {"stored": 1, "moved": 3}


def test_a_report_and_its_first_message_are_one_transaction(story: Story) -> None:
    with story.database.writing() as session:
        head = new_report(session)
        threads.append(session, threads.seal_message(head, "reporter", FIRST, story.team), 0)
    with story.database.reading() as session:
        assert threads.head(session, INSTALL, head.report_id).seq == 1


def test_an_unknown_report_is_no_thread(database: Database) -> None:
    with database.reading() as session, pytest.raises(UnknownReportError):
        threads.head(session, INSTALL, "nothing")


def test_messages_need_recipients_and_members_a_signature(story: Story) -> None:
    ana = story.school.members["ana"].signer
    for author, recipients, signer in (
        ("reporter", (), None),
        ("member", story.team, None),
        ("reporter", story.team, ana),
    ):
        with pytest.raises(ValueError, match="recipient"):
            threads.seal_message(story.report, author, FIRST, recipients, signer)  # type: ignore[arg-type]


def test_wraps_name_team_and_generation(story: Story) -> None:
    sealed = threads.seal_message(story.report, "reporter", FIRST, (*story.team, story.reporter))
    assert [name for name, _ in sealed.wraps] == [f"team:{COUNSELING}:1", "receipt"]
    assert isinstance(story.reporter, Recipient)


def test_no_word_of_a_message_is_in_what_is_stored_or_shown(story: Story) -> None:
    sealed = threads.seal_message(story.report, "reporter", FIRST, story.team)
    stored = sealed.body + (sealed.assessment or b"") + b"".join(wrap for _, wrap in sealed.wraps)
    story.write()
    shown = [repr(shown) for shown in (sealed, FIRST, story.read())]
    for word in ("Somebody", "gym", "urgent"):
        assert word.encode() not in stored
        assert word not in "".join(shown)
