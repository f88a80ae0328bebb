"""A school in which one of everything was sealed, its dump, and every single secret of one person."""

import base64
import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select, update

from notify.duty_tables import ContactMethod
from reporting.receipt import Receipt
from tests.casework.test_number import WHY, pager
from tests.casework.world import INSTALL, LINE, PASSWORD, PHONE, SCHOOL
from tests.reporting.browser import come_back, send, words, write
from tests.reporting.test_text_line import GRAVE, text
from tests.security.test_writer import ROUTES
from tests.security.whole import Whole, let_in
from vault import directory as directories
from vault import members, migrate, second_factor
from vault.database import Database
from vault.keyed import seal_to_line
from vault.people_tables import Member
from vault.stream import Writer
from vault.tables import Message, RecipientTeam, Report

ANA = bytes(31) + b"\x02"
RECOVERY = bytes(31) + b"\x01"
ABOUT_STAFF = "Mr Hollis from gym keeps texting me at night and wants photos"
PHONES = (PHONE, "+15550143")
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Dump:
    """``rows``: of every table. ``secrets``: each one's name to its bytes; the password is a text."""

    rows: Rows = field(repr=False)
    backup: bytes = field(repr=False)
    secrets: dict[str, Any] = field(repr=False)


@cache
def dump() -> Dump:
    """Made once: nobody changes it."""
    with TemporaryDirectory() as name, closing(Database(f"sqlite:///{name}/tipline.db")) as database:
        migrate.upgrade(database)
        return Sealed(database, Path(name)).dump()


class Sealed(Whole):
    """The story is told when it is made; then comes the dump."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        self._hours = folder / "hours"
        with database.writing() as session:
            directories.add_routing(session, self.recovery.signer, self.directory, SCHOOL.id, ROUTES)
        self.receipt = self._write()
        self.cookie = self._answer()
        self._people()

    def dump(self) -> Dump:
        """All rows, read as a thief would: with nothing of ours but the file."""
        rows: Rows = {}
        with closing(sqlite3.connect(self.database.engine.url.database or "")) as file:
            file.row_factory = sqlite3.Row
            names = [row[0] for row in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            for name in names:
                rows[name] = [dict(row) for row in file.execute(f'SELECT * FROM "{name}"')]  # noqa: S608
        return Dump(rows, self._backup(rows), self._secrets())

    def _secrets(self) -> dict[str, Any]:
        with self.database.reading() as session:
            teams = directories.team_private_keys(session, INSTALL, self.members["ana"], self.directory)
        (hour,) = self._hours.glob("hour-*")
        return {
            "receipt": self.receipt.encode(),
            "team seed": teams["team:counseling:1"].seed,
            "next team seed": teams["team:counseling:2"].seed,
            "member seed": ANA,
            "recovery seed": RECOVERY,
            "line seed": LINE.privates[0].seed,
            "hour key": hour.read_bytes(),
            "session secret": base64.urlsafe_b64decode(self.cookie + "="),
            "password": PASSWORD,
        }

    def _backup(self, rows: Rows) -> bytes:
        file = io.BytesIO()
        writer = Writer(file, self.directory.recovery, INSTALL, expires=0)
        writer.write(repr(rows).encode())
        writer.close()
        return file.getvalue()

    def _write(self) -> Receipt:
        """One thread with a new key of its team in the middle, others beside it, and two phones."""
        public = self.public()
        receipt = words(send(public, "the first", school=SCHOOL.id))
        send(public, "of another thread", school=SCHOOL.id)
        send(public, ABOUT_STAFF, school=SCHOOL.id)
        with self.database.writing() as session:
            team = ["ana", "ben"]
            directories.new_team_generation(session, self.recovery.signer, self.directory, "counseling", team)
        write(public, come_back(public, receipt), "the second")
        for number, phone in enumerate(PHONES):
            text(public, GRAVE, f"SM{number}", From=phone)
        read = Receipt.read(receipt)
        assert read is not None
        return read

    def _references(self, channel: str) -> list[str]:
        """Of the cases that came this way and that the counselors read, the thread of two messages first."""
        with self.database.reading() as session:
            count = select(func.count()).where(Message.report_id == Report.id).scalar_subquery()
            found = select(Report.reference).join(RecipientTeam).where(RecipientTeam.team_id == "counseling")
            return list(session.scalars(found.where(Report.channel == channel).order_by(count.desc())))

    def _answer(self) -> str:
        """Replies to a form and to phones; one number granted, one only asked for. The cookie."""
        ana, ben = self.signed_in("ana"), self.signed_in("ben")
        first, *phones = self._references("web")[0], *self._references("text")
        for reference, seen in ((first, 2), *((phone, 1) for phone in phones)):
            ana.get(f"/case/{reference}")
            ana.post(f"/case/{reference}/reply", text="Thank you for writing.", seen=seen)
        for number in (f"/case/{reference}/number" for reference in phones):
            ana.get(number)
            ana.post(number, **WHY)
        ben.get(f"/case/{phones[0]}/number")
        ben.post(f"/case/{phones[0]}/number/approve")
        assert pager(self) == 1
        cookie = ana.client.get_cookie("__Host-tipline-staff", "staff.example.test")
        assert cookie is not None
        return cookie.value

    def _people(self) -> None:
        """A second factor, somebody whom one member wants to let in, and a phone of ours."""
        self.joined(self.invited("eve", "Eve Example", "counseling"))
        assert let_in(self.signed_in("ben"), "counseling") == "/people?notice=proposed"
        sealed = second_factor.seal_secret(b"12345678901234567890", ANA, "ana")
        phone = seal_to_line(LINE.public, "address", b"+15550199")
        kept = {"id": "c", "responder_id": "r-ana", "channel": "sms", "address_key": "k"}
        with self.database.writing() as session:
            session.execute(update(Member).where(Member.id == "ana").values(sealed_totp=sealed))
            session.add(ContactMethod(**kept, sealed_address=phone))
            for number, other in enumerate(("ben", "sol", "dora"), start=3):
                wrapped = members.wrap_seed(
                    bytes(31) + bytes((number,)), f"{other}'s own", "test", owner=other
                )
                session.execute(update(Member).where(Member.id == other).values(wrapped_seed=wrapped))
