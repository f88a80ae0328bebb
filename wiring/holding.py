"""Legal holds: a report that a court or an investigation needs is not deleted, whatever its date."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from vault import audit
from vault.retention_tables import LegalHold
from vault.tables import Report
from wiring.errors import WiringError

LONGEST_REASON = 200


def add(session: Session, now: int, reference: str, reason: str) -> None:
    """Keep the report, from now on. The reason stands in the audit for ever."""
    report, held = _find(session, reference)
    if held is not None:
        raise WiringError(f"{report.reference}: is held already; nothing was changed")
    session.add(LegalHold(report_id=report.id, since=now))
    _note(session, now, report, "hold_added", reason)


def remove(session: Session, now: int, reference: str, reason: str) -> None:
    """Let the report go when its date comes, or at once if it has passed."""
    report, held = _find(session, reference)
    if held is None:
        raise WiringError(f"{report.reference}: is not held; nothing was changed")
    session.delete(held)
    _note(session, now, report, "hold_removed", reason)


def listed(session: Session) -> Sequence[tuple[str, int]]:
    """Reference and beginning (ms) of every hold, the oldest first."""
    both = select(Report.reference, LegalHold.since).join(LegalHold, LegalHold.report_id == Report.id)
    return [(row.reference, row.since) for row in session.execute(both.order_by(LegalHold.since))]


def _find(session: Session, reference: str) -> tuple[Report, LegalHold | None]:
    report = session.scalar(select(Report).where(Report.reference == reference.strip().upper()))
    if report is None:
        raise WiringError("there is no case of that reference: mistyped, or deleted already")
    return report, session.get(LegalHold, report.id)


def _note(session: Session, now: int, report: Report, verb: str, reason: str) -> None:
    said = " ".join(reason.split())[:LONGEST_REASON]
    if not said:
        raise WiringError("a reason is needed; nothing was changed")
    audit.record(session, now, actor="operator", verb=verb, pseudonym=report.pseudonym, reason=said)
