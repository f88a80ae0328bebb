"""Finding the cases that a member may open. What is not theirs does not exist for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from casework import walls
from casework.errors import NoSuchCaseError
from casework.visit import Visit
from triage import Urgency
from vault.tables import Message, RecipientTeam, Report, Wrap
from vault.threads import RECEIPT


@dataclass(frozen=True, slots=True)
class Case:
    report: Report
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastWord:
    """Who spoke last in a thread (``reporter`` or ``member``), in which minute, after how many messages.

    A note for the team alone answers nobody. Of a texter's thread it cannot be told from a reply.

    ``newest``: the reporter's last message is for this member's teams.
    """

    author: str
    minute: int
    count: int
    newest: bool


def find(session: Session, visit: Visit, reference: str) -> Case:
    """The case that people call ``reference``.

    Raises:
        NoSuchCaseError: there is none, or this member is in none of its teams.
    """
    report = session.scalar(select(Report).where(Report.reference == reference.upper()))
    if report is None:
        raise NoSuchCaseError("no such case")
    teams = tuple(
        session.scalars(
            select(RecipientTeam.team_id)
            .where(RecipientTeam.report_id == report.id)
            .order_by(RecipientTeam.team_id)
        )
    )
    if not visit.directory.may_open(visit.member.id, teams):
        raise NoSuchCaseError("no such case")
    return Case(report, teams)


def inbox(session: Session, visit: Visit, *, closed: bool, start: int, length: int) -> list[Report]:
    """Cases of the member's teams: most urgent first, in a band the unread first, then the oldest."""
    mine = select(RecipientTeam.report_id).where(RecipientTeam.team_id.in_(visit.teams))
    wanted = Report.status == "closed" if closed else Report.status != "closed"
    found = (
        select(Report)
        .where(Report.id.in_(mine), wanted)
        .order_by(_rank(), Report.read_deadline.is_(None), Report.arrived_minute, Report.id)
        .offset(start)
        .limit(length)
    )
    return list(session.scalars(found))


def last_words(session: Session, visit: Visit, report_ids: Sequence[str]) -> dict[str, LastWord]:
    """For each report the clear facts of its newest message that is meant for this member's teams."""
    ends = (
        select(Message.report_id, func.max(Message.seq).label("end"))
        .where(Message.report_id.in_(report_ids), Message.author == "reporter")
        .group_by(Message.report_id)
        .subquery()
    )
    to_receipt = exists().where(Wrap.message_id == Message.id, Wrap.recipient == RECEIPT)
    is_note = (Message.author == "member") & Report.reporter_public.is_not(None) & ~to_receipt
    rows = session.execute(
        select(
            Message.report_id, Message.author, Message.minute, Message.seq, ends.c.end, is_note.label("note")
        )
        .join(ends, ends.c.report_id == Message.report_id)
        .join(Report, Report.id == Message.report_id)
        .where(walls.meant_for(visit))
        .order_by(Message.seq)
    )
    words: dict[str, LastWord] = {}
    for row in rows:
        newest = row.seq == row.end or (row.report_id in words and words[row.report_id].newest)
        before = words.get(row.report_id)
        author = before.author if row.note and before else row.author
        words[row.report_id] = LastWord(author, row.minute, row.seq + 1, newest)
    return words


def _rank() -> ColumnElement[int]:
    return case({band.value: band.rank for band in Urgency}, value=Report.urgency, else_=0)
