"""Read deadlines: by when a person must have read a message, whatever its band. A missed one is paged.

The times are the targets of good programs: urgent within an hour (four when nobody is at school), prompt
within one school day, routine within three; whatever the holidays, self-harm within a day, all within three.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify.paging import PageRequest
from reporting.schools import School, to_ms
from triage import Urgency
from vault.tables import RecipientTeam, Report

MINUTE = 60_000
HOUR = 60 * MINUTE
IMMEDIATE_MS = 15 * MINUTE
URGENT_COVERED_MS = HOUR
URGENT_OTHERWISE_MS = 4 * HOUR
PROMPT_DAYS = 1
ROUTINE_DAYS = 3
SELF_HARM_MS = 24 * HOUR
LATEST_MS = 72 * HOUR
AGAIN_MS = 4 * HOUR
BATCH = 50


def read_deadline(school: School, urgency: Urgency, now: int, *, self_harm: bool = False) -> int:
    """When somebody must have read a message of this band that arrives ``now`` (ms)."""
    if urgency is Urgency.IMMEDIATE:
        return now + IMMEDIATE_MS
    if urgency is Urgency.URGENT:
        return now + (URGENT_COVERED_MS if school.covered(now) else URGENT_OTHERWISE_MS)
    days = PROMPT_DAYS if urgency is Urgency.PROMPT else ROUTINE_DAYS
    latest = SELF_HARM_MS if self_harm and urgency is Urgency.PROMPT else LATEST_MS
    return min(to_ms(school.later(now, days)), now + latest)


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
        return requests

    def _request(self, session: Session, report: Report) -> PageRequest:
        teams = select(RecipientTeam.team_id).where(RecipientTeam.report_id == report.id)
        urgency = Urgency.highest(Urgency(report.urgency), Urgency.URGENT)
        return PageRequest(
            school=report.school,
            subject=report.id,
            reference=report.reference,
            urgency=urgency.value,
            wakes=urgency is Urgency.IMMEDIATE,
            teams=tuple(sorted(session.scalars(teams))),
            kind="read_deadline",
            zone=self._zone(report.school),
        )

    def _zone(self, school_id: str) -> str:
        # A school that left the configuration still has messages that somebody must read.
        school = self.schools.get(school_id)
        return school.zone if school else "UTC"
