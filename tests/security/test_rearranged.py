"""The messages of a thread, moved, repeated, brought from elsewhere and left out: the thread says so."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from tests.vault.school import INSTALL
from tests.vault.story import Story
from vault import thread_rows, threads
from vault.database import Database
from vault.message import RECEIPT
from vault.tables import Message, Wrap
from vault.threads import Content


def _swapped(session: Session, talk: Story) -> None:
    for seq, place in ((2, 9), (0, 2), (9, 0)):
        session.execute(update(Message).where(_at(talk, seq)).values(seq=place))


def _repeated(session: Session, talk: Story) -> None:
    """The first message again, as the newest."""
    row = session.execute(select(Message.__table__).where(_at(talk, 0))).mappings().one()
    session.execute(insert(Message).values(**{**row, "id": "again", "seq": 3}))
    for wrap in session.scalars(select(Wrap).where(Wrap.message_id == row["id"])).all():
        session.add(Wrap(message_id="again", recipient=wrap.recipient, sealed=wrap.sealed))


def _brought_over(session: Session, talk: Story) -> None:
    """A message of another thread of the same reporter and team."""
    with_others = replace(talk.report, report_id="elsewhere", seq=3)
    sealed = threads.seal_message(
        with_others, "reporter", Content("of elsewhere"), (*talk.team, talk.reporter)
    )
    here = replace(with_others, report_id=talk.report.report_id)
    thread_rows.store(session, replace(sealed, head=here), 0)


def _left_out(session: Session, talk: Story) -> None:
    session.execute(delete(Message).where(_at(talk, 1)))


def _downgraded(session: Session, talk: Story) -> None:
    body = session.scalars(select(Message.sealed_body).where(_at(talk, 1))).one()
    session.execute(update(Message).where(_at(talk, 1)).values(sealed_body=b"\x00" + body[1:]))


def _unwrapped(session: Session, talk: Story) -> None:
    found = select(Message.id).where(_at(talk, 0)).scalar_subquery()
    session.execute(delete(Wrap).where(Wrap.message_id == found, Wrap.recipient == RECEIPT))


def _at(talk: Story, seq: int) -> ColumnElement[bool]:
    return (Message.report_id == talk.report.report_id) & (Message.seq == seq)


THREADS: dict[Callable[[Session, Story], None], list[str]] = {
    _swapped: ["forged", "missing", "opened", "missing", "forged"],
    _repeated: ["opened", "opened", "opened", "missing", "forged"],
    _brought_over: ["opened", "opened", "opened", "missing", "forged"],
    _left_out: ["opened", "missing", "opened"],
    _downgraded: ["opened", "forged", "missing", "opened"],
    _unwrapped: ["closed", "opened", "opened"],
}


def test_a_thread_that_was_rearranged_is_shown_as_what_it_is(database: Database) -> None:
    talk = Story(database)
    talk.write()
    talk.reply("Thank you for telling us.")
    talk.write(Content("It is worse today."))
    shown = {}
    for act in THREADS:
        with database.writing() as session:
            act(session, talk)
            session.flush()
            items = threads.open_thread(
                session,
                INSTALL,
                talk.report.report_id,
                {RECEIPT: talk.receipt},
                talk.school.directory,
            )
            shown[act] = [item.state for item in items]
            session.rollback()
    assert shown == THREADS
