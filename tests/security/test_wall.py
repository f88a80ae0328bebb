"""The wall around what is told about an adult at school, against somebody who writes to the database.

Such an adult may be a member of a team, and may know somebody who looks after the machine.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.casework.world import INSTALL, SCHOOL
from tests.reporting.browser import come_back, send, words, write
from tests.reporting.test_text_line import text
from tests.security.test_writer import ROUTES, wraps_of_newest
from tests.security.whole import Whole
from vault import directory as directories
from vault import kem, threads
from vault.database import Database
from vault.tables import CaseRoute, Message, RecipientTeam, Report, Wrap
from vault.threads import RECEIPT, Content, Recipient

ABOUT = "Mr Hollis from gym keeps texting me at night and wants photos"
AFTER = "he did it again today"
Act = Callable[[Session, Report], object]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Whole:
    made = Whole(database, tmp_path)
    with database.writing() as session:
        directories.add_routing(session, made.recovery.signer, made.directory, SCHOOL.id, ROUTES)
    return made


def as_if_wrapped(session: Session, report: Report) -> None:
    last = select(Message.id).where(Message.report_id == report.id).order_by(Message.seq.desc()).limit(1)
    session.add(Wrap(message_id=session.scalars(last).one(), recipient="team:counseling:1", sealed=b"x"))


def as_if_routed(session: Session, report: Report) -> None:
    session.add(RecipientTeam(report_id=report.id, team_id="counseling"))
    session.add(CaseRoute(report_id=report.id, team_id="counseling", signer="dora", signature=bytes(64)))


def without_a_mark(session: Session, report: Report) -> None:
    session.execute(update(Report).where(Report.id == report.id).values(wall_mark=None))


def with_anothers_mark(session: Session, report: Report) -> None:
    other = session.scalars(select(Report.wall_mark).where(Report.id != report.id)).one()
    session.execute(update(Report).where(Report.id == report.id).values(wall_mark=other))


def after_a_harmless_word(session: Session, report: Report) -> None:
    """A reporter's message of their own: everybody can seal one to the counselors."""
    at = threads.head(session, INSTALL, report.id)
    to = [Recipient("team:counseling:1", kem.PrivateKey.from_seed(bytes(32)).public)]
    threads.append(session, threads.seal_message(at, "reporter", Content("all is well"), to), 0)


ACTS: tuple[Act, ...] = (
    as_if_wrapped,
    as_if_routed,
    without_a_mark,
    with_anothers_mark,
    after_a_harmless_word,
)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: str(act.__name__).replace("_", " "))
def test_it_stands_whatever_they_write(world: Whole, act: Act) -> None:
    public = world.public()
    send(public, "the lights in the gym are broken", school=SCHOOL.id)
    world.clock.moment += 60_000
    text(public, ABOUT, "SM1")
    assert set(wraps_of_newest(world)) == {"team:district:1"}
    with world.database.writing() as session:
        act(session, world.newest_report())
    text(public, AFTER, "SM2")
    assert set(wraps_of_newest(world)) == {"team:district:1"}


def test_a_mark_from_before_the_wall_does_not_take_it_down(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, "the lights in the gym are broken", school=SCHOOL.id))
    before = world.newest_report().wall_mark
    thread = come_back(public, receipt)
    write(public, thread, "and the door", school=SCHOOL.id)
    assert set(wraps_of_newest(world)) == {"team:counseling:1", RECEIPT}, "there is no wall without a reason"
    write(public, thread, ABOUT)
    with world.database.writing() as session:
        session.execute(update(Report).values(wall_mark=before))
    write(public, thread, AFTER)
    assert set(wraps_of_newest(world)) == {"team:district:1", RECEIPT}


def test_a_reply_stays_behind_it_too(world: Whole) -> None:
    public = world.public()
    receipt = words(send(public, ABOUT, school=SCHOOL.id))
    report = world.newest_report()
    with world.database.writing() as session:
        at = threads.head(session, INSTALL, report.id)
        to = [*world.directory.recipients_of(["counseling", "district"]), _receipt_of(report)]
        threads.append(session, threads.seal_message(at, "reporter", Content("tell the others"), to), 0)
        session.add(RecipientTeam(report_id=report.id, team_id="counseling"))
    dora = world.signed_in("dora")
    dora.get(f"/case/{report.reference}")
    dora.post(f"/case/{report.reference}/reply", text="We see to it that he stops.", seen=2)
    assert "We see to it" in come_back(public, receipt).text
    assert set(wraps_of_newest(world)) == {"team:district:1", RECEIPT}


def _receipt_of(report: Report) -> Recipient:
    assert report.reporter_public is not None
    return Recipient(RECEIPT, kem.PublicKey.decode(report.reporter_public))
