"""Retention: what is past its date is gone, from the tables and from the files; what must stay, stays."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notify.tables import Attempt, Page, PageCode
from tests.security.installs import DANGER, Install
from vault.clock import minute_of
from vault.retention_tables import LegalHold, Tombstone
from vault.tables import AuditEvent, Message, RecipientTeam, Report, Texter, Wrap
from wiring.ground import Ground


@dataclass
class School:
    """An install on either database, with reports of different ages."""

    install: Install
    laid: Ground
    canaries: dict[str, list[bytes]] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def report(self, name: str, **facts: object) -> str:
        """File a report, read and closed and past its date unless ``facts`` say otherwise; its id."""
        self.install.file(self.laid, DANGER)
        done = {
            "status": "closed",
            "read_deadline": None,
            "retain_until": 0,
            "arrived_minute": 1_767_225_600_000,
        }
        with self.laid.database.writing() as session:
            report = session.scalars(
                select(Report).where(Report.id.not_in(self._ids())).with_for_update()
            ).one()
            session.add(
                Texter(
                    number_key=f"number-of-{name}-{report.id}",
                    school=report.school,
                    report_id=report.id,
                    sealed_number=f"sealed-number-of-{name}".encode(),
                    stopped=False,
                )
            )
            for column, value in (done | facts).items():
                setattr(report, column, value)
            session.execute(
                update(Page).where(Page.subject == report.id).values(state="acknowledged", next_at=None)
            )
            session.flush()
            self.canaries[name] = list(_canaries(session, report))
            report_id = report.id
        self._known[name] = report_id
        return report_id

    def _ids(self) -> list[str]:
        return list(self._known.values())

    def left(self) -> set[str]:
        """Names of the reports that are still there."""
        with self.laid.database.reading() as session:
            ids = set(session.scalars(select(Report.id)))
        return {name for name, report_id in self._known.items() if report_id in ids}

    def run(self, *options: str) -> str:
        done = self.install.run("retention", *options)
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    def traces(self, name: str) -> list[bytes]:
        """What of a report is anywhere in the database's files."""
        whole = b"\n".join(path.read_bytes() for path in self._files())
        return [one for one in self.canaries[name] if one in whole]

    def _files(self) -> Iterator[Path]:
        database = self.laid.database
        if database.is_sqlite:
            yield from self.install.folder.glob("tipline.db*")
            return
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            folder = Path(connection.scalar(text("SHOW data_directory")) or "") / "base"
            number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        yield from (path for path in (folder / str(number)).iterdir() if path.is_file())


def _canaries(session: Session, report: Report) -> Iterator[bytes]:
    yield from (report.id.encode(), report.reference.encode(), (report.lookup_id or "").encode())
    for message in session.scalars(select(Message).where(Message.report_id == report.id)):
        yield message.sealed_body[100:164]
        for wrap in session.scalars(select(Wrap).where(Wrap.message_id == message.id)):
            yield wrap.sealed[100:164]
    for texter in session.scalars(select(Texter).where(Texter.report_id == report.id)):
        yield texter.number_key.encode()


@pytest.fixture
def school(either: Install) -> Iterator[School]:
    with either.running() as laid:
        yield School(either, laid)


def test_nothing_of_a_purged_report_is_in_any_file(school: School) -> None:
    school.report("old")
    school.report("young", retain_until=2**50)
    assert school.traces("old") == school.canaries["old"], "the search finds what is there"
    school.run()
    assert school.left() == {"young"}
    assert school.traces("old") == []
    assert school.traces("young") == school.canaries["young"]


def test_what_hung_on_it_is_gone_and_a_number_is_left(school: School) -> None:
    gone, kept = school.report("old"), school.report("young", retain_until=2**50)
    school.report("older")
    school.run()
    with school.laid.database.reading() as session:
        assert set(session.scalars(select(RecipientTeam.report_id))) == {kept}
        assert set(session.scalars(select(Message.report_id))) == {kept}
        assert set(session.scalars(select(Texter.report_id))) == {kept}
        assert set(session.scalars(select(Page.subject))) == {kept}
        (stone,) = session.scalars(select(Tombstone))
        assert (stone.school, stone.month, stone.urgency, stone.reports) == (
            "larkspur",
            "2026-01",
            "immediate",
            2,
        )
        pseudonyms = set(session.scalars(select(Report.pseudonym)))
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "reports_purged")).one()
    assert len(pseudonyms) == 1
    assert (event.pseudonym, event.facts) == ("", '{"reports":2}')
    assert gone not in event.facts


def test_a_dry_run_counts_and_changes_nothing(school: School) -> None:
    school.report("old")
    school.report("open", status="open")
    school.report("unread", status="new", read_deadline=1)
    held = school.report("held")
    with school.laid.database.writing() as session:
        session.add(LegalHold(report_id=held, since=1))
    counts = {line[8:]: int(line[:6]) for line in school.run("--dry-run").splitlines()}
    assert counts == {
        "due": 1,
        "past their date, under legal hold": 1,
        "past their date, but open or unread": 2,
        "taken back by their reporter": 0,
    }
    assert school.left() == {"old", "open", "unread", "held"}
    assert school.run().splitlines()[-1] == "Deleted 1 reports."
    assert school.left() == {"open", "unread", "held"}


def test_nothing_goes_while_somebody_is_called_for_it(school: School) -> None:
    report_id = school.report("called")
    with school.laid.database.writing() as session:
        session.execute(update(Page).where(Page.subject == report_id).values(state="open", next_at=2**50))
    school.run()
    assert school.left() == {"called"}


def test_a_page_that_ended_keeps_minutes_and_one_that_goes_on_its_seconds(school: School) -> None:
    ended, called = school.report("ended", retain_until=2**50), school.report("called")
    with school.laid.database.writing() as session:
        then = school.laid.clock.now(session) - 3 * 3_600_000
        precise = then - then % 60_000 + 7_001
        moments = {"opened_at": precise, "acknowledged_at": precise, "seen_at": precise}
        session.execute(update(Page).values(**moments))
        session.execute(update(Page).where(Page.subject == called).values(state="open", next_at=2**50))
        session.execute(
            update(Attempt).values(state="sent", created_at=precise, sent_at=precise, due_at=precise)
        )
        session.execute(update(PageCode).values(created_at=precise, sent_at=precise))
    school.run()
    columns = [Page.opened_at, Page.acknowledged_at, Page.seen_at, Attempt.created_at, Attempt.sent_at]
    columns += [Attempt.due_at, PageCode.created_at, PageCode.sent_at]
    wanted = select(*columns).select_from(Page).join(Attempt).join(PageCode, PageCode.page_id == Page.id)
    with school.laid.database.reading() as session:
        for subject, moment in ((ended, precise - 7_001), (called, precise)):
            rows = session.execute(wanted.where(Page.subject == subject)).all()
            assert {one for row in rows for one in row} == {moment}


def test_a_hold_keeps_a_report_and_is_audited_with_its_reason(school: School) -> None:
    report_id = school.report("wanted")
    with school.laid.database.reading() as session:
        report = session.get_one(Report, report_id)
    for words, typed in ((("add",), "subpoena 12\n"), (("remove",), "case settled\n")):
        done = school.install.run("hold", *words, report.reference.lower(), typed=typed)
        assert done.exit_code == 0, (done.output, done.exception)
        if words == ("add",):
            school.run()
            assert school.left() == {"wanted"}
            assert report.reference in school.install.run("hold", "list").output
            assert "is held already" in str(
                school.install.run("hold", "add", report.reference, typed="x\n").exception
            )
    with school.laid.database.reading() as session:
        events = session.execute(
            select(AuditEvent.actor, AuditEvent.verb, AuditEvent.facts).where(
                AuditEvent.pseudonym == report.pseudonym, AuditEvent.verb.like("hold%")
            )
        ).all()
    assert [tuple(event) for event in events] == [
        ("operator", "hold_added", '{"reason":"subpoena 12"}'),
        ("operator", "hold_removed", '{"reason":"case settled"}'),
    ]
    school.run()
    assert school.left() == set()


def test_the_database_itself_refuses_to_delete_what_is_held(school: School) -> None:
    report_id = school.report("wanted")
    with school.laid.database.writing() as session:
        session.add(LegalHold(report_id=report_id, since=1))
    with pytest.raises(IntegrityError), school.laid.database.writing() as session:
        session.execute(text("DELETE FROM report"))
    assert school.left() == {"wanted"}


def test_a_hold_needs_a_case_and_a_reason(school: School) -> None:
    school.report("wanted")
    with school.laid.database.reading() as session:
        reference = session.scalars(select(Report.reference)).one()
    assert "no case" in str(school.install.run("hold", "add", "AAAA-AAAA", typed="x\n").exception)
    assert "a reason is needed" in str(school.install.run("hold", "add", reference, typed=" \n").exception)
    assert "is not held" in str(school.install.run("hold", "remove", reference, typed="x\n").exception)


def test_a_thread_that_was_taken_back_goes_a_day_later(school: School) -> None:
    with school.laid.database.reading() as session:
        now = minute_of(school.laid.clock.now(session))
    day = 24 * 3_600_000
    school.report("today", status="open", retain_until=2**50, withdrawn_at=now)
    school.report("yesterday", status="open", retain_until=2**50, withdrawn_at=now - day)
    school.report("unread", status="new", read_deadline=1, retain_until=2**50, withdrawn_at=now - day)
    school.run()
    assert school.left() == {"today", "unread"}
