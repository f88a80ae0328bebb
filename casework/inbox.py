"""The inbox: what waits, the most urgent first. It shows no content; reading a case is an act of its own."""

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import cases, people, stretch
from casework.calls import offered, owners
from casework.render import member_view
from casework.times import Age, Moment, age, moment
from casework.visit import Visit
from vault import number_requests
from vault.tables import NumberRequest, RecipientTeam, Report


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the inbox. ``unread``: its read deadline still runs. ``waiting``: the reporter wrote last.

    ``owner`` is the name of who acknowledged last, ``offered`` of who is asked to take over; or empty.
    ``overdue``: nobody closed it, and its date is past.
    """

    reference: str
    urgency: str
    unread: bool
    school: str
    channel: str
    drill: bool
    arrived: Moment
    age: Age
    last: Age
    count: int
    waiting: bool
    owner: str
    offered: str
    overdue: bool


def is_overdue(report: Report, now: int) -> bool:
    """Whether a case is still open although its date is past: what nobody closes is never deleted."""
    return report.status == "open" and report.retain_until <= now


def show(visit: Visit) -> ResponseReturnValue:
    closed = request.args.get("show") == "closed"
    here = stretch.asked(visit)
    with visit.deps.database.reading() as session:
        found = cases.inbox(session, visit, closed=closed, start=here.start, length=here.most)
        lines = _lines(session, visit, found[: here.length])
        reviews = _reviews(session, visit)
        mend = len(people.to_mend(session, visit)) if visit.administers() else 0
    return member_view(
        visit,
        "inbox",
        refresh_s=visit.deps.settings.inbox_refresh_s,
        notice=request.args.get("notice", ""),
        lines=lines,
        reviews=reviews,
        mend=mend,
        closed=closed,
        newer=here.newer,
        older=here.older(found),
    )


def _reviews(session: Session, visit: Visit) -> list[tuple[str, Age]]:
    """Cases in which somebody saw a phone number alone, and since when this member's look is waited for."""
    mine = select(RecipientTeam.report_id).where(RecipientTeam.team_id.in_(visit.teams))
    alone = select(NumberRequest.report_id).where(NumberRequest.alone, NumberRequest.reviewer.is_(None))
    reports = select(Report.id, Report.reference).where(Report.id.in_(mine), Report.id.in_(alone))
    named = {row.id: row.reference for row in session.execute(reports)}
    rows = number_requests.unreviewed(session, named, visit.member.id)
    return [(named[row.report_id], age(visit.now, row.created_at)) for row in rows]


def _lines(session: Session, visit: Visit, reports: list[Report]) -> list[Line]:
    ids = [report.id for report in reports]
    words = cases.last_words(session, visit, ids)
    names = owners(session, visit, ids)
    asked = offered(session, visit, ids)
    return [
        _line(visit, report, words.get(report.id), (names.get(report.id, ""), asked.get(report.id, "")))
        for report in reports
    ]


def _line(visit: Visit, report: Report, last: cases.LastWord | None, whose: tuple[str, str]) -> Line:
    deps = visit.deps
    return Line(
        reference=report.reference,
        urgency=report.urgency,
        unread=report.read_deadline is not None and (last is None or last.newest),
        school=deps.name_of(report.school),
        channel=report.channel,
        drill=report.drill,
        arrived=moment(report.arrived_minute, deps.zone_of(report.school), visit.locale),
        age=age(visit.now, report.arrived_minute),
        last=age(visit.now, last.minute if last else report.arrived_minute),
        count=last.count if last else 0,
        waiting=last is None or last.author == "reporter",
        owner=whose[0],
        offered=whose[1],
        overdue=is_overdue(report, visit.now),
    )
