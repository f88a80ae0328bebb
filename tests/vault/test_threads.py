"""Threads as stories: what is written comes back, and whatever was done to the rows shows."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select, update

from tests.vault.school import COUNSELING, INSTALL, SCHOOL, School, build_school, new_report, receipt_key
from vault import directory, threads
from vault.database import Database
from vault.errors import BadKeyError, ThreadMovedError, UnknownReportError
from vault.kem import PrivateKey
from vault.signing import Signer
from vault.tables import Message, Report, Wrap
from vault.threads import Content, Recipient, ThreadHead, ThreadItem

FIRST = Content("Somebody in my class is not all right.", {"where": "gym"}, {"urgency": "urgent"})


class Story:
    """One school, one thread, its reporter, and Ana who answers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.receipt, self.reporter = receipt_key()
        with database.writing() as session:
            self.school: School = build_school(session)
            self.report = new_report(session)
        self.team = self.school.directory.recipients(SCHOOL, "default")

    def head(self) -> ThreadHead:
        with self.database.reading() as session:
            return threads.head(session, INSTALL, self.report.report_id)

    def write(self, content: Content = FIRST) -> None:
        self._append(threads.seal_message(self.head(), "reporter", content, (*self.team, self.reporter)))

    def reply(self, text: str, signer: Signer | None = None) -> None:
        signer = signer or self.school.members["ana"].signer
        to = (*self.team, self.reporter)
        self._append(threads.seal_message(self.head(), "member", Content(text), to, signer))

    def read(self, openers: Mapping[str, PrivateKey] | None = None) -> tuple[ThreadItem, ...]:
        openers = {"receipt": self.receipt} if openers is None else openers
        with self.database.reading() as session:
            return threads.open_thread(
                session, INSTALL, self.report.report_id, openers, self.school.directory
            )

    def team_keys(self, member: str) -> dict[str, PrivateKey]:
        keys = self.school.members[member]
        with self.database.reading() as session:
            return directory.team_private_keys(session, INSTALL, keys, self.school.directory)

    def states(self) -> list[tuple[int, str]]:
        return [(item.seq, item.state) for item in self.read()]

    def change(self, place: int, **values: object) -> None:
        at = (Message.report_id == self.report.report_id, Message.seq == place)
        with self.database.writing() as session:
            session.execute(update(Message).where(*at).values(**values))

    def remove(self, seq: int) -> None:
        with self.database.writing() as session:
            session.execute(delete(Message).where(Message.seq == seq))

    def row(self, seq: int) -> Message:
        with self.database.reading() as session:
            return session.scalars(select(Message).where(Message.seq == seq)).one()

    def _append(self, sealed: threads.SealedMessage) -> None:
        with self.database.writing() as session:
            threads.append(session, sealed, 60_000)


@pytest.fixture
def story(any_database: Database) -> Story:
    return Story(any_database)


@pytest.fixture
def talk(database: Database) -> Story:
    """Two messages and a reply between them."""
    made = Story(database)
    made.write()
    made.reply("Thank you for telling us.")
    made.write(Content("It is worse today."))
    return made


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


def test_a_report_and_its_first_message_are_one_transaction(story: Story) -> None:
    with story.database.writing() as session:
        head = new_report(session)
        threads.append(session, threads.seal_message(head, "reporter", FIRST, story.team), 0)
    with story.database.reading() as session:
        assert threads.head(session, INSTALL, head.report_id).seq == 1


def test_an_unknown_report_is_no_thread(database: Database) -> None:
    with database.reading() as session, pytest.raises(UnknownReportError):
        threads.head(session, INSTALL, "nothing")


def test_a_message_taken_from_the_middle_is_missing_and_the_rest_is_readable(talk: Story) -> None:
    talk.remove(1)
    assert talk.states() == [(0, "opened"), (1, "missing"), (2, "opened")]


def test_a_message_taken_from_the_beginning_is_missing(talk: Story) -> None:
    talk.remove(0)
    assert talk.states() == [(0, "missing"), (1, "opened"), (2, "opened")]


def test_an_exchanged_message_is_shown_as_missing_before_the_next(talk: Story) -> None:
    """A forger who knows the team's public key puts a message of their own in place of another."""
    before = replace(talk.head(), seq=0, prev=bytes(32))
    forged = threads.seal_message(before, "reporter", Content("never mind"), (*talk.team, talk.reporter))
    talk.remove(0)
    with talk.database.writing() as session:
        row = {"id": forged.message_id, "report_id": before.report_id, "seq": 0, "author": "reporter"}
        session.add(Message(**row, minute=0, sealed_body=forged.body, sealed_assessment=None))
        session.add_all(Wrap(message_id=forged.message_id, recipient=to, sealed=w) for to, w in forged.wraps)
    assert talk.states() == [(0, "opened"), (0, "missing"), (1, "opened"), (2, "opened")]


def test_an_altered_message_is_forged(talk: Story) -> None:
    body = bytearray(talk.row(2).sealed_body)
    body[-1] ^= 1
    talk.change(2, sealed_body=bytes(body))
    assert talk.states()[-1] == (2, "forged")


@pytest.mark.parametrize(
    "body", [b"", b"\x01", b"\x01\x01", b"\x02" * 2000], ids=["none", "1", "2", "version"]
)
def test_a_mangled_message_is_forged_and_no_exception(talk: Story, body: bytes) -> None:
    talk.change(2, sealed_body=body)
    assert talk.states()[-1] == (2, "forged")


def test_messages_that_changed_places_are_forged(talk: Story) -> None:
    talk.change(2, seq=7)
    talk.change(0, seq=2)
    talk.change(7, seq=0)
    assert [state for _, state in talk.states() if state != "missing"] == ["forged", "opened", "forged"]


def test_a_reply_does_not_become_a_reporters_message(talk: Story) -> None:
    talk.change(1, author="reporter")
    assert (1, "forged") in talk.states()


def test_a_thread_moved_to_another_school_opens_nowhere(talk: Story) -> None:
    with talk.database.writing() as session:
        session.execute(update(Report).values(school="south"))
    assert {item.state for item in talk.read()} == {"forged", "missing"}


def test_a_reply_signed_by_a_stranger_is_forged(story: Story) -> None:
    story.write()
    story.reply("Send me your name.", Signer("ana", Ed25519PrivateKey.generate()))
    story.reply("Send me your name.", Signer("nobody", Ed25519PrivateKey.generate()))
    assert [item.state for item in story.read()] == ["opened", "forged", "forged"]
    assert story.read()[1].text == ""


def test_a_member_of_no_team_of_the_school_signs_in_vain(story: Story) -> None:
    with story.database.writing() as session:
        keys = story.school.members["cho"]
        root = story.school.recovery.signer
        made = directory.add_member(
            session, root, story.school.directory, "dee", keys.sign.public_key(), keys.kem.public
        )
    story.school = replace(story.school, directory=made)
    story.reply("I only have an account.", Signer("dee", keys.sign))
    assert story.states() == [(0, "forged")]


def test_an_assessment_that_was_taken_away_or_exchanged_is_noticed(talk: Story) -> None:
    talk.change(0, sealed_assessment=None)
    first = talk.read()[0]
    assert (first.state, first.text) == ("opened", FIRST.text)
    assert first.assessment is None
    assert first.assessment_missing
    talk.change(0, sealed_assessment=talk.row(1).sealed_body)
    assert talk.read()[0].assessment_missing


def test_only_the_key_that_the_first_message_names_is_answered(talk: Story) -> None:
    items = talk.read(talk.team_keys("ana"))
    assert threads.reporter_recipient(items, talk.reporter.key.encode()) == talk.reporter
    _, stranger = receipt_key()
    with pytest.raises(BadKeyError):
        threads.reporter_recipient(items, stranger.key.encode())


def test_what_a_hostile_sealer_puts_inside_is_forged_and_no_exception(story: Story) -> None:
    """Everybody knows the team's public key: sealed records may hold anything."""
    bad = Content("x", {"a": 1}, None)  # type: ignore[dict-item]  # what a forger would not mind
    story.write(bad)
    assert story.states() == [(0, "forged")]


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
    for word in ("Somebody", "gym", "urgent"):
        assert word.encode() not in stored
        assert word not in repr(sealed) + repr(FIRST)
