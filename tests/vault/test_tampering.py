"""Whatever somebody who writes to the database does to a thread, it shows and raises nothing."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from tests.vault.school import receipt_key
from tests.vault.story import FIRST, Story
from vault import directory, envelope, kem, message, threads
from vault.database import Database
from vault.errors import BadKeyError, CannotOpenError
from vault.kem import PrivateKey
from vault.place import Kind, Place, canonical, pack
from vault.signing import Signer
from vault.tables import Message, Report, Wrap
from vault.threads import Content, ThreadHead


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


RECORDS = st.dictionaries(
    st.sampled_from(["text", "facts", "member", "sealed_to", "assessment", "other"]),
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.none()),
)


@given(RECORDS.map(lambda record: pack(canonical(record), b"")) | st.binary(max_size=60))
def test_whatever_a_hostile_sealer_puts_inside_nothing_but_the_documented_error_comes_of_it(
    body: bytes,
) -> None:
    key, (private, recipient) = envelope.new_message_key(), receipt_key()
    place = Place(Kind.MESSAGE_BODY, install="i", school="s", report="r", message="m", author="reporter")
    info = replace(place, kind=Kind.MESSAGE_KEY, recipient=recipient.name).encode()
    wraps = ((recipient.name, kem.seal(key, recipient.key, info)),)
    sealed = threads.SealedMessage(
        "m", ThreadHead("i", "s", "r"), "reporter", envelope.seal_text(key, place, body), None, wraps
    )
    try:
        assert isinstance(message.open_message(sealed, {recipient.name: private}).text, str)
    except CannotOpenError:
        return


def test_a_message_numbered_absurdly_neither_fills_the_memory_nor_raises(talk: Story) -> None:
    talk.change(2, seq=2**31 - 1)
    assert talk.states()[:2] == [(0, "opened"), (1, "opened")]
    assert talk.states()[-1] == (2**31 - 1, "forged")
    talk.change(2**31 - 1, seq=-1)
    assert talk.states() == [(0, "opened"), (1, "opened")]


def test_a_planted_wrap_does_not_hide_a_message_from_a_member_of_two_generations(talk: Story) -> None:
    keys = talk.team_keys("ana")
    planted = Wrap(message_id=talk.row(0).id, recipient="team:a:1", sealed=b"nothing")
    with talk.database.writing() as session:
        session.add(planted)
    both = {"team:a:1": PrivateKey.from_seed(bytes(32)), **keys}
    assert talk.read(both)[0].state == "opened"
