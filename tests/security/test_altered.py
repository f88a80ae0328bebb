"""Every sealed object, altered in every way in which a writer to the database can: nothing opens."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pytest

from reporting import text_context
from reporting.receipt import Receipt, reporter_keys
from tests.casework.world import INSTALL, LINE, PASSWORD, SCHOOL
from tests.reporting.world import SECRETS
from tests.security.sealed import ANA, RECOVERY, Dump, dump
from tests.vault.story import Story
from vault import (
    envelope,
    kem,
    keyed,
    members,
    message,
    number_requests,
    second_factor,
    sessions,
    threads,
)
from vault.database import Database
from vault.errors import BackupError, CannotOpenError, WrongPasswordError
from vault.kem import PrivateKey
from vault.message import RECEIPT, SealedMessage, ThreadHead
from vault.number_requests import Asked
from vault.people_tables import StaffSession
from vault.place import Kind, Place
from vault.recovery import RecoveryKeys
from vault.stream import PIECE, TAG, Reader
from vault.tables import NumberRequest, Report, TextContext
from vault.threads import Content

MEMBER = members.MemberKeys.from_seed("ana", ANA)
REFUSED = (CannotOpenError, WrongPasswordError, BackupError)
DOWNGRADES = (b"\x00\x01", b"\x02\x01", b"\x01\x00", b"\x01\x02", b"\x00\x00")


class Door(NamedTuple):
    """``open_it`` raises the documented error; nothing but that may come of anything but ``sealed``."""

    name: str
    sealed: bytes
    open_it: Callable[[bytes], object]


def doors(dump: Dump) -> Iterator[Door]:
    yield from _of_a_message(dump)
    yield from _of_a_member(dump)
    for table, column, purpose in (
        ("texter", "sealed_number", "address"),
        ("letter", "sealed_body", "letter"),
    ):
        yield Door(column, dump.rows[table][0][column], partial(keyed.open_from_line, LINE, purpose))
    hints = dump.rows["text_context"][0]
    yield Door("hints", hints["sealed"], partial(_hints, hints, dump.secrets["hour key"]))
    yield Door("backup", dump.backup, _backup)


def _of_a_message(dump: Dump) -> Iterator[Door]:
    receipt = reporter_keys(SECRETS.pepper, Receipt.decode(dump.secrets["receipt"]))
    found = next(one for one in dump.rows["report"] if one["reporter_public"] == receipt.public.encode())
    row = next(one for one in dump.rows["message"] if (one["report_id"], one["seq"]) == (found["id"], 0))
    wraps = tuple(
        (one["recipient"], one["sealed"]) for one in dump.rows["wrap"] if one["message_id"] == row["id"]
    )
    head = ThreadHead(INSTALL, SCHOOL.id, found["id"])
    whole = SealedMessage(row["id"], head, "reporter", row["sealed_body"], row["sealed_assessment"], wraps)
    opens = partial(_message, whole, receipt)
    yield Door("body", whole.body, lambda sealed: opens(body=sealed))
    yield Door("assessment", row["sealed_assessment"], lambda sealed: opens(assessment=sealed))
    yield Door("wrap", dict(wraps)[RECEIPT], lambda sealed: opens(wraps=((RECEIPT, sealed),)))


def _message(whole: SealedMessage, receipt: PrivateKey, **altered: object) -> None:
    """An assessment that was exchanged is not shown, and that it is gone is."""
    opened = message.open_message(replace(whole, **altered), {RECEIPT: receipt})  # type: ignore[arg-type]
    assert opened.text == "the first"
    if opened.assessment_missing:
        raise CannotOpenError("said to be missing")


def _of_a_member(dump: Dump) -> Iterator[Door]:
    (me,) = (row for row in dump.rows["member"] if row["id"] == "ana")
    yield Door("password", me["wrapped_seed"], lambda sealed: members.unwrap_seed(sealed, PASSWORD, "ana"))
    yield Door(
        "second factor", me["sealed_totp"], lambda sealed: second_factor.open_secret(sealed, ANA, "ana")
    )
    mine = next(row for row in dump.rows["staff_session"] if row["member_id"] == "ana")
    yield Door("session", mine["wrapped_seed"], partial(_session, mine["id"], dump.secrets["session secret"]))
    copy = next(row for row in dump.rows["team_key_copy"] if (row["holder"], row["generation"]) == ("ana", 1))
    at = Place(Kind.TEAM_KEY, INSTALL, SCHOOL.id, message="team:counseling:1", recipient="member:ana", seq=1)
    yield Door("team seed", copy["sealed"], lambda sealed: kem.unseal(sealed, MEMBER.kem, at.encode()))
    asked = next(row for row in dump.rows["number_request"] if row["sealed_view"])
    yield Door("number", asked["sealed_view"], partial(_number, asked["id"], asked["report_id"]))


def _session(row: str, secret: bytes, sealed: bytes) -> None:
    """It signs nobody in."""
    stored = StaffSession(id=row, member_id="ana", wrapped_seed=sealed)
    if sessions._seed(secret, stored) is None:  # noqa: SLF001 - the way there asks a database
        raise CannotOpenError("signed in as nobody")


def _number(row: str, report: str, sealed: bytes) -> str:
    request = NumberRequest(id=row, requester="ana", sealed_view=sealed)
    return number_requests.look(MEMBER.kem, Asked(INSTALL, Report(id=report, school=SCHOOL.id), request))


def _hints(row: dict[str, object], key: bytes, sealed: bytes) -> None:
    """It hints at nothing."""

    class Hours:
        def past(self, _hour: int) -> bytes:
            return key

    stored = TextContext(number_key=row["number_key"], hour=row["hour"], sealed=sealed)
    if not text_context._open(stored, Hours()):  # type: ignore[arg-type] # noqa: SLF001 - as above
        raise CannotOpenError("no hint")


def _backup(sealed: bytes) -> None:
    reader = Reader(io.BytesIO(sealed), RecoveryKeys.from_seed(RECOVERY).kem)
    while reader.read(PIECE):
        pass


def alterations(door: Door, others: list[Door]) -> Iterator[tuple[str, bytes]]:
    sealed, end = door.sealed, len(door.sealed)
    for at in sorted({0, 1, 2, 33, 34, 66, 98, end // 3, end // 2, end - 17, end - 1} & set(range(end))):
        yield f"bit {at}", sealed[:at] + bytes((sealed[at] ^ 0x10,)) + sealed[at + 1 :]
    for length in sorted({0, 1, 2, 12, 34, 66, 98, end // 2, end - 16, end - 1} & set(range(end))):
        yield f"cut to {length}", sealed[:length]
    yield "one byte more", sealed + b"\0"
    yield "twice", sealed + sealed
    for header in (one for one in DOWNGRADES if one != sealed[:2]):
        yield f"header {header.hex()}", header + sealed[2:]
    for other in others:
        yield f"in its place the {other.name}", other.sealed
    yield from _pieces(door)


def _pieces(door: Door) -> Iterator[tuple[str, bytes]]:
    """A backup's pieces, moved, left out and cut off where one ends."""
    if door.name != "backup":
        return
    start = 4 + int.from_bytes(door.sealed[:4], "big")
    pieces = [door.sealed[at : at + PIECE + TAG] for at in range(start, len(door.sealed), PIECE + TAG)]
    assert len(pieces) > 2
    opening = door.sealed[:start]
    yield "pieces changed about", opening + b"".join((pieces[1], pieces[0], *pieces[2:]))
    yield "a piece left out", opening + b"".join((pieces[0], *pieces[2:]))
    yield "the last piece cut off", opening + b"".join(pieces[:-1])


def test_whatever_is_altered_ends_in_the_documented_error() -> None:
    every = list(doors(dump()))
    assert {door.name for door in every} >= {"body", "assessment", "wrap", "team seed", "backup", "session"}
    opened = []
    for door in every:
        door.open_it(door.sealed)
        for what, altered in alterations(door, [other for other in every if other is not door]):
            try:
                door.open_it(altered)
            except REFUSED:
                continue
            opened.append((door.name, what))
    assert opened == []


def test_a_message_under_two_keys_shows_one_face(database: Database) -> None:
    """The receipt's wrap holds another key than the team's; GCM alone could be made to open under both."""
    story = Story(database)
    sealed = threads.seal_message(
        story.report, "reporter", Content("for both"), (*story.team, story.reporter)
    )
    place = message._place(sealed.head, sealed.message_id, "reporter", sealed.head.prev)  # noqa: SLF001
    at = place.beside(Kind.MESSAGE_KEY, RECEIPT).encode()
    forged = kem.seal(envelope.new_message_key(), story.reporter.key, at)
    two = replace(sealed, wraps=(sealed.wraps[0], (RECEIPT, forged)))
    assert message.open_message(two, story.team_keys("ana")).text == "for both"
    with pytest.raises(CannotOpenError, match="another key"):
        message.open_message(two, {RECEIPT: story.receipt})
