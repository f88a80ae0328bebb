"""A report's own row, made for its first message and moved on by every later one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.deadlines import read_deadline
from reporting.draft import Case, Draft
from triage import Assessment, Urgency
from vault.audit import pseudonym_of
from vault.clock import minute_of
from vault.errors import ThreadMovedError
from vault.ids import new_reference
from vault.statements import Row
from vault.tables import Report

DAY = 24 * 3_600_000


def begin(
    draft: Draft, report_id: str, now: int, assessment: Assessment, retention_days: int, mark: bytes
) -> tuple[Case, Row]:
    """The row for a first message. Its date of retention is fixed here, when it is sealed."""
    origin = draft.origin
    case = Case(report_id, draft.school.id, new_reference(), pseudonym_of(report_id))
    return case, {
        "id": case.id,
        "school": case.school,
        "reference": case.reference,
        "channel": origin.channel,
        "urgency": assessment.urgency.value,
        "status": "new",
        "drill": draft.drill,
        "arrived_minute": minute_of(now),
        "read_deadline": _deadline(draft, assessment, now),
        "retain_until": minute_of(now) + retention_days * DAY,
        "lookup_id": origin.lookup_id,
        "reporter_public": origin.reporter_key.encode() if origin.reporter_key else None,
        "pseudonym": case.pseudonym,
        "wall_mark": mark,
    }


def touch(
    session: Session,
    draft: Draft,
    report_id: str,
    now: int,
    assessment: Assessment,
    retention_days: int,
    mark: bytes,
) -> Case:
    """A later message: never lowers the urgency, asks to be read again, and reopens what was closed.

    The thread is kept as long as if it began now, and is no longer one that its reporter took back.
    Raises ThreadMovedError if its retention ended since it was looked for.
    """
    asked = select(Report).where(Report.id == report_id).with_for_update()
    report = session.execute(asked).scalar_one_or_none()
    if report is None:
        raise ThreadMovedError("the report was purged meanwhile")
    report.urgency = Urgency.highest(Urgency(report.urgency), assessment.urgency).value
    due = _deadline(draft, assessment, now)
    report.read_deadline = min(due, report.read_deadline) if report.read_deadline else due
    report.retain_until = max(report.retain_until, minute_of(now) + retention_days * DAY)
    report.withdrawn_at = None
    report.wall_mark = mark
    if report.status == "closed":
        report.status = "open"
    return Case(report.id, report.school, report.reference, report.pseudonym)


def _deadline(draft: Draft, assessment: Assessment, now: int) -> int:
    self_harm = "suicide_self_harm" in assessment.categories
    return read_deadline(draft.school, assessment.urgency, now, self_harm=self_harm)
