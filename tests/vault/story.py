"""One thread of the small school, with the hands of a writer, a reader and somebody who edits rows."""

from collections.abc import Mapping

from sqlalchemy import delete, select, update

from tests.vault.school import INSTALL, SCHOOL, School, build_school, new_report, receipt_key
from vault import directory, threads
from vault.database import Database
from vault.kem import PrivateKey
from vault.signing import Signer
from vault.tables import Message
from vault.threads import Content, ThreadHead, ThreadItem

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
