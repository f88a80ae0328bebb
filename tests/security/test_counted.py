"""What somebody takes out of the database, or puts in, does not add up with the audit any more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.casework.test_number import WHY, pager
from tests.casework.world import INSTALL, MINUTE, PHONE, SCHOOL, Browser
from tests.reporting.browser import come_back, send, words, write
from tests.reporting.test_text_line import text
from tests.security.installs import DANGER, Install
from tests.security.test_audit import Alarms, forge, run, work
from tests.security.test_writer import ROUTES
from tests.security.whole import Whole
from vault import audit, tally, threads
from vault import directory as directories
from vault.database import Database
from vault.ids import new_id
from vault.kem import PublicKey
from vault.tables import AuditEvent, Message, Report
from vault.threads import Content, Recipient


@pytest.fixture
def world(any_database: Database, tmp_path: Path) -> Whole:
    made = Whole(any_database, tmp_path)
    with any_database.writing() as session:
        directories.add_routing(session, made.recovery.signer, made.directory, SCHOOL.id, ROUTES)
    return made


def odd(world: Whole) -> list[str]:
    with world.database.reading() as session:
        return [one.what for one in tally.odd(session)]


def everything_happens(world: Whole) -> None:
    """Two threads, and each act of a member that leaves a message in one."""
    public = world.public()
    receipt = words(send(public, "the first", school=SCHOOL.id))
    write(public, come_back(public, receipt), "the second")
    first = world.newest_report()
    world.clock.moment += MINUTE
    text(public, "from a phone", "SM1", From=PHONE)
    ana, ben = world.signed_in("ana"), world.signed_in("ben")
    _members_act(world, first.reference, ana, ben)


def _members_act(world: Whole, first: str, ana: Browser, ben: Browser) -> None:
    case = f"/case/{first}"
    ana.get(case)
    ana.post(f"{case}/reply", text="We read it.", seen=2)
    texted = f"/case/{world.newest_report().reference}"
    for member, what, fields in ((ana, "", WHY), (ben, "/approve", {})):
        member.get(f"{texted}/number")
        member.post(f"{texted}/number{what}", **fields)
    pager(world)
    ana.get(f"{texted}/number")
    assert PHONE in ana.post(f"{texted}/number/reveal").text
    ana.get(f"{case}/route")
    ana.post(f"{case}/route", seen=3, team="social_work", note="")
    ana.post(f"{case}/offer", colleague="ben", note="I am away.")
    ana.get(f"{case}/close")
    ana.post(f"{case}/close", seen=5, contact="reached", finding="substantiated", note="")


def test_what_really_happens_adds_up(world: Whole) -> None:
    everything_happens(world)
    with world.database.reading() as session:
        verbs = set(session.scalars(select(AuditEvent.verb)))
    assert verbs >= {*tally.BY_REPORTERS, *tally.BY_MEMBERS} - {"number_alone"}
    assert odd(world) == []


def without_the_last(session: Session, report: Report) -> None:
    session.execute(delete(Message).where(Message.report_id == report.id, Message.seq == 1))


def with_one_more(session: Session, report: Report) -> None:
    at = threads.head(session, INSTALL, report.id)
    known = [Recipient("receipt", PublicKey.decode(report.reporter_public or b""))]
    threads.append(session, threads.seal_message(at, "reporter", Content("never mind"), known), 0)


def as_if_a_member_wrote_it(session: Session, report: Report) -> None:
    session.execute(
        update(Message).where(Message.report_id == report.id, Message.seq == 1).values(author="member")
    )


def under_another_name(session: Session, report: Report) -> None:
    """Without its last message, and with as many events as it has now, made up under a new pseudonym."""
    without_the_last(session, report)
    report.pseudonym = new_id()
    audit.record(session, 0, actor="reporter", verb="report_filed", pseudonym=report.pseudonym)


def gone(session: Session, report: Report) -> None:
    session.execute(delete(Report).where(Report.id == report.id))


ACTS: dict[Callable[[Session, Report], None], str] = {
    without_the_last: "1 messages, 2 were noted",
    with_one_more: "3 messages, 2 were noted",
    as_if_a_member_wrote_it: "said to be somebody else's",
    under_another_name: "by another name",
    gone: "1 are gone that nobody purged",
}


def test_each_act_against_a_thread_is_named(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "the first", school=SCHOOL.id))
    write(public, come_back(public, receipt), "the one that counts")
    assert odd(world) == []
    for act_of_theirs, said in ACTS.items():
        with world.database.writing() as session:
            act_of_theirs(session, session.scalars(select(Report)).one())
            session.flush()
            assert any(said in one.what for one in tally.odd(session)), act_of_theirs.__name__
            session.rollback()
    assert odd(world) == []


def test_the_pager_alarms_once_and_the_operator_is_told_which_case(template: Install, tmp_path: Path) -> None:
    install, alarms = template.copied(tmp_path / "var"), Alarms()
    with install.running() as laid:
        install.file(laid, DANGER)
        clock = [0.0]
        auditor = work(laid, alarms)
        auditor.monotonic = lambda: clock[0]
        auditor.round()
        assert run(laid, "verify").exit_code == 0
        with laid.database.reading() as session:
            reference = session.scalars(select(Report.reference)).one()
        forge(laid.database, "DELETE FROM message")
        for clock[0] in (600.0, 1200.0):
            auditor.round()
        assert alarms.heard == ["messages_missing"]
        done = run(laid, "verify")
        assert (done.exit_code, done.output) == (1, f"NOT  case {reference}: 0 messages, 1 were noted\n")
