"""Messages that nobody read in time are paged: a part of the pager, which starts without triage's rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify.escalation import RANKS
from notify.paging import PageRequest
from reporting.schools import School
from vault.tables import RecipientTeam, Report

AGAIN_MS = 4 * 60 * 60_000
BATCH = 50


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Finds what nobody read in time. Opening a case clears its deadline; this moves it on while unread."""

    schools: Mapping[str, School]

    def missed(self, session: Session, now: int) -> list[PageRequest]:
        """Pages to open for deadlines that have passed; each deadline is moved on in the same transaction."""
        late = select(Report).where(Report.status.in_(("new", "open")), Report.read_deadline <= now)
        found = session.scalars(late.order_by(Report.read_deadline).limit(BATCH).with_for_update()).all()
        requests = [self._request(session, report) for report in found]
        for report in found:
            report.read_deadline = now + AGAIN_MS
        # In the order in which whoever holds several pages does.
        return sorted(requests, key=lambda one: one.subject)

    def _request(self, session: Session, report: Report) -> PageRequest:
        teams = select(RecipientTeam.team_id).where(RecipientTeam.report_id == report.id)
        urgency = min(report.urgency, "urgent", key=RANKS.__getitem__)
        return PageRequest(
            school=report.school,
            subject=report.id,
            reference=report.reference,
            urgency=urgency,
            wakes=urgency == "immediate",
            teams=tuple(sorted(session.scalars(teams))),
            kind="drill" if report.drill else "read_deadline",
            zone=self._zone(report.school),
        )

    def _zone(self, school_id: str) -> str:
        # A school that left the configuration still has messages that somebody must read.
        school = self.schools.get(school_id)
        return school.zone if school else "UTC"
