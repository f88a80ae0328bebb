"""When a report is deleted, and what of it: everything but a number in a table.

Only a closed case goes, once its date is past, nobody is called for it and no legal hold keeps it; what
nobody has read, or what a team still works on, stays and is counted. A thread that its reporter took back
goes a day later, under the same conditions but for the date and the closing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, case, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from notify import forgetting
from vault import audit
from vault.clock import minute_of
from vault.drill_tables import Drill
from vault.retention_tables import LegalHold
from vault.tables import CarrierReceipt, Report, TextContext

HOUR = 3_600_000
DAY = 24 * HOUR
# So long a team can still hold a thread that its reporter takes back.
WITHDRAWAL_MS = DAY
TRACES_MS = 30 * DAY
# So long the results of weekly tests are kept.
TESTS_MS = 365 * DAY
# So long a page, once it has ended, still tells its seconds.
SECONDS_MS = 2 * HOUR
# So long after closing a case can be opened again, however old it is.
CLOSED_MS = 30 * DAY
BATCH = 20

_COUNT = text(
    "INSERT INTO tombstone (school, month, urgency, reports) VALUES (:school, :month, :urgency, 1)"
    " ON CONFLICT (school, month, urgency) DO UPDATE SET reports = tombstone.reports + 1"
)


@dataclass(frozen=True)
class Forecast:
    """How many reports: ``due`` go now; past their date are ``held``, and ``unfinished`` (open or unread)."""

    due: int
    held: int
    unfinished: int
    withdrawn: int


def forecast(session: Session, now: int) -> Forecast:
    """What a run at ``now`` (ms) would find. Drills go as reports do, and are not counted."""
    past, real = Report.retain_until <= now, ~Report.drill
    return Forecast(
        due=_how_many(session, real, _due(now)),
        held=_how_many(session, real, past, _held()),
        unfinished=_how_many(session, real, past, ~_held(), ~_due(now)),
        withdrawn=_how_many(session, real, Report.withdrawn_at.is_not(None)),
    )


def purge(session: Session, now: int) -> int:
    """Remove up to ``BATCH`` due reports with all that hangs on them, leaving tombstones; how many."""
    found = select(Report).where(_due(now)).order_by(Report.retain_until, Report.id).limit(BATCH)
    reports = session.scalars(found.with_for_update(skip_locked=True)).all()
    for report in reports:
        month = datetime.fromtimestamp(report.arrived_minute / 1000, UTC).strftime("%Y-%m")
        # A drill is in no figure of any urgency, and yet counted: whether one is missing must show.
        urgency = "drill" if report.drill else report.urgency
        session.execute(_COUNT, {"school": report.school, "month": month, "urgency": urgency})
        forgetting.forget(session, report.id)
    _delete(session, [report.id for report in reports])
    if reports:
        # Without a pseudonym: from here on nothing leads from the audit to a report.
        audit.record(session, now, actor="pager", verb="reports_purged", reports=len(reports))
    return len(reports)


def kept_after_closing(now: int) -> ColumnElement[int]:
    """The date of retention of a report that is closed ``now`` (ms): its own, or some weeks from now."""
    least = minute_of(now) + CLOSED_MS
    return case((Report.retain_until < least, least), else_=Report.retain_until)


def withdraw(session: Session, now: int, lookup_id: str) -> None:
    """Mark the thread as taken back by its reporter, if it is not yet."""
    row = update(Report).where(Report.lookup_id == lookup_id, Report.withdrawn_at.is_(None))
    pseudonym = session.scalar(row.values(withdrawn_at=minute_of(now)).returning(Report.pseudonym))
    if pseudonym is not None:
        audit.record(session, now, actor="reporter", verb="thread_withdrawn", pseudonym=pseudonym)


def is_withdrawn(session: Session, lookup_id: str) -> bool:
    """Whether its reporter took the thread back, and wrote nothing since."""
    wanted = select(Report.id).where(Report.lookup_id == lookup_id, Report.withdrawn_at.is_not(None))
    return session.scalar(wanted) is not None


def forget_traces(session: Session, now: int) -> None:
    """Remove what outlived its use: traces of no report that is there, and seconds of ended pages."""
    day = datetime.fromtimestamp((now - TRACES_MS) / 1000, UTC).date().isoformat()
    forgetting.forget_old(session, now - TRACES_MS, day)
    forgetting.cut_seconds(session, now - SECONDS_MS)
    _forget_tests(session, now - TESTS_MS)
    session.execute(delete(CarrierReceipt).where(CarrierReceipt.at_minute < now - TRACES_MS))
    # Signals of this hour and the one before still count; older ones have no key any more.
    session.execute(delete(TextContext).where(TextContext.hour < now // HOUR - 1))


def _forget_tests(session: Session, before: int) -> None:
    """Weekly tests have no report with which they would go; neither has a drill that never began."""
    old = select(Drill.id).where(Drill.report_id.is_(None), Drill.asked_at < before)
    for drill_id in session.scalars(old.order_by(Drill.asked_at).limit(BATCH)).all():
        forgetting.forget(session, drill_id)
        session.execute(delete(Drill).where(Drill.id == drill_id))


def _due(now: int) -> ColumnElement[bool]:
    read = Report.read_deadline.is_(None) & (Report.status != "new")
    date = (Report.status == "closed") & (Report.retain_until <= now)
    taken_back = Report.withdrawn_at.is_not(None) & (Report.withdrawn_at <= now - WITHDRAWAL_MS)
    return or_(date, taken_back) & read & ~_held() & ~forgetting.is_called_for(Report.id)


def _held() -> ColumnElement[bool]:
    return select(LegalHold.report_id).where(LegalHold.report_id == Report.id).exists()


def _how_many(session: Session, *wanted: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Report).where(*wanted)) or 0


def _delete(session: Session, report_ids: Sequence[str]) -> None:
    # Messages, wraps, teams and a texter's number go with it: the database sees to that.
    session.expunge_all()
    session.execute(delete(Report).where(Report.id.in_(report_ids)))
