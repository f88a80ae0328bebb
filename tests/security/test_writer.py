"""Somebody who can only write to the database, and may hold a key of another team: nothing is sealed to them,
no forgery is shown, every message is still taken, and each act is alarmed or can be seen.
"""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from notify.tables import Page
from reporting.unread import Deadlines
from tests.casework.world import INSTALL, MINUTE, SCHOOL
from tests.reporting.browser import come_back, send, words, write
from tests.security.whole import Whole
from vault import directory as directories
from vault import kem, threads
from vault.database import Database
from vault.directory import DirectoryReader
from vault.entries import TeamEntry, encode, signed_fields
from vault.kem import PrivateKey
from vault.tables import DirectoryEntry, Message, Report, Wrap
from vault.threads import Content, Recipient

THIEF = PrivateKey.from_seed(bytes(31) + b"\x63")
TAMPERED = "The list of teams and members was tampered with."
ROUTES = {"default": ["counseling"], "adult_at_school": ["district"]}


@pytest.fixture
def world(any_database: Database, tmp_path: Path) -> Whole:
    made = Whole(any_database, tmp_path)
    with any_database.writing() as session:
        directories.add_routing(session, made.recovery.signer, made.directory, SCHOOL.id, ROUTES)
    assert made.directory.alarm is None
    return made


def wraps_of_newest(world: Whole) -> dict[str, bytes]:
    """Recipient to wrap of the last message of the newest report."""
    with world.database.reading() as session:
        report = world.newest_report().id
        last = select(Message.id).where(Message.report_id == report).order_by(Message.seq.desc()).limit(1)
        rows = session.scalars(select(Wrap).where(Wrap.message_id == last.scalar_subquery()))
        return {row.recipient: row.sealed for row in rows}


def thief_entry(world: Whole, signer: str) -> DirectoryEntry:
    """The counselors' next key is the thief's, says a row that Dora (of the district) signed."""
    directory = world.directory
    entry = TeamEntry("counseling", SCHOOL.id, "counseling", 2, THIEF.public.encode(), ("ana", "ben", "dora"))
    payload, seq = encode(entry), directory.seq + 1
    fields = signed_fields(INSTALL, seq, directory.head, signer, payload)
    signature = world.members["dora"].signer.sign(*fields)
    return DirectoryEntry(seq=seq, payload=payload, signer=signer, signature=signature)


@pytest.mark.parametrize("signer", ["dora", "ana", "root"])
def test_a_teams_key_that_they_put_into_the_directory_is_sealed_to_by_nobody(
    world: Whole, signer: str
) -> None:
    row = thief_entry(world, signer)
    with world.database.writing() as session:
        session.add(row)
    assert "Received" in send(world.public(), "written after the swap", school=SCHOOL.id).text
    wraps = wraps_of_newest(world)
    assert set(wraps) == {"team:counseling:1", "receipt"}
    ana = world.signed_in("ana")
    assert TAMPERED in ana.get("/").text
    assert "written after the swap" in ana.get(f"/case/{world.newest_report().reference}").text


def test_an_entry_that_they_change_leaves_the_last_good_directory_in_force(world: Whole) -> None:
    with world.database.writing() as session:
        row = session.get_one(DirectoryEntry, world.directory.seq)
        row.payload = row.payload.replace(b"counseling", b"social_work", 1)
        row.signature = bytes(64)
    public = world.public()
    assert "Received" in send(public, "written after the change", school=SCHOOL.id).text
    assert "team:counseling:1" in wraps_of_newest(world)
    assert TAMPERED in world.signed_in("ana").get("/").text
    fresh = DirectoryReader(INSTALL, world.directory.fingerprint)
    with world.database.reading() as session:
        assert fresh.current(session).alarm is not None


def test_a_wrap_that_they_add_for_themselves_opens_nothing_and_draws_no_reply(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "for the counselors", school=SCHOOL.id))
    with world.database.writing() as session:
        message = session.scalars(select(Message)).one()
        made = kem.seal(bytes(32), THIEF.public, b"anywhere")
        session.add(Wrap(message_id=message.id, recipient="team:social_work:1", sealed=made))
    write(public, come_back(public, receipt), "and more")
    assert set(wraps_of_newest(world)) == {"team:counseling:1", "receipt"}
    ana = world.signed_in("ana")
    case = f"/case/{world.newest_report().reference}"
    assert "for the counselors" in ana.get(case).text
    ana.post(f"{case}/reply", text="We read it.", seen=2)
    assert set(wraps_of_newest(world)) == {"team:counseling:1", "receipt"}


def test_a_reply_that_they_forge_is_shown_to_nobody(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "is anybody there", school=SCHOOL.id))
    report = world.newest_report()
    with world.database.writing() as session:
        head = threads.head(session, INSTALL, report.id)
        to = [*world.directory.recipients_of(["counseling"]), _receipt_of(report)]
        signer = threads.Signer("ana", world.members["dora"].sign)
        threads.append(session, threads.seal_message(head, "member", Content("Tell nobody."), to, signer), 0)
    assert "Tell nobody." not in come_back(public, receipt).text
    shown = world.signed_in("ana").get(f"/case/{report.reference}").text
    assert "Tell nobody." not in shown
    assert "This message is not genuine" in shown


def test_an_old_row_that_they_put_in_again_is_not_shown_as_new(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "I am safe now", school=SCHOOL.id))
    write(public, come_back(public, receipt), "no, I am not")
    with world.database.writing() as session:
        old = session.scalars(select(Message).order_by(Message.seq)).first()
        assert old is not None
        row = {
            "id": f"{old.id[:-1]}x",
            "report_id": old.report_id,
            "seq": 2,
            "author": "reporter",
            "minute": 0,
        }
        sealed = {"sealed_body": old.sealed_body, "sealed_assessment": old.sealed_assessment}
        session.execute(insert(Message).values(**row, **sealed))
        for wrap in session.scalars(select(Wrap).where(Wrap.message_id == old.id)).all():
            session.add(Wrap(message_id=row["id"], recipient=wrap.recipient, sealed=wrap.sealed))
    shown = world.signed_in("ana").get(f"/case/{world.newest_report().reference}").text
    assert shown.count("I am safe now") == 1
    assert "This message is not genuine" in shown


def test_a_message_that_they_take_out_of_a_thread_leaves_a_hole(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "the first", school=SCHOOL.id))
    write(public, come_back(public, receipt), "the one that counts")
    write(public, come_back(public, receipt), "the last")
    with world.database.writing() as session:
        session.execute(delete(Wrap).where(Wrap.message_id.in_(select(Message.id).where(Message.seq == 1))))
        session.execute(delete(Message).where(Message.seq == 1))
    assert (
        "A message is missing here"
        in world.signed_in("ana").get(f"/case/{world.newest_report().reference}").text
    )
    assert "Received" in write(public, come_back(public, receipt), "and after").text


def test_an_urgency_that_they_lower_is_shown_as_it_is_sealed(world: Whole) -> None:
    send(world.public(), "I am going to kill myself tonight. I wrote a note.", school=SCHOOL.id)
    with world.database.writing() as session:
        session.execute(update(Report).values(urgency="routine"))
    shown = world.signed_in("ana").get(f"/case/{world.newest_report().reference}").text
    assert "less urgent than what is sealed in it" in shown
    assert "Immediate" in shown


def test_a_page_that_they_mark_as_taken_does_not_make_the_message_read(world: Whole) -> None:
    send(world.public(), "I am going to kill myself tonight. I wrote a note.", school=SCHOOL.id)
    with world.database.writing() as session:
        taken = {"state": "acknowledged", "acknowledged_by": "ben", "acknowledged_at": world.clock.moment}
        session.execute(update(Page).values(**taken, next_at=None))
    inbox = world.signed_in("ana").get("/").text
    assert "Ben Example has it" in inbox
    assert "Unread" in inbox
    world.clock.moment += 60 * MINUTE
    with world.database.writing() as session:
        missed = Deadlines({SCHOOL.id: SCHOOL}).missed(session, world.clock.moment)
    assert [request.reference for request in missed] == [world.newest_report().reference]


def _receipt_of(report: Report) -> Recipient:
    assert report.reporter_public is not None
    return Recipient("receipt", kem.PublicKey.decode(report.reporter_public))
