"""Pages that nobody has acknowledged yet and that this member could take: what every view shows first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.times import Age, age
from casework.visit import Visit
from notify.tables import Page
from vault.people_tables import Member


@dataclass(frozen=True, slots=True)
class Call:
    """One open page. ``kind``: report, read_deadline or drill."""

    page_id: str
    reference: str
    urgency: str
    kind: str
    school: str
    age: Age


def calls_for(visit: Visit) -> tuple[Call, ...]:
    """Open pages of the member's teams, the most urgent and oldest first."""
    with visit.deps.database.reading() as session:
        found = session.scalars(
            select(Page).where(Page.state == "open").order_by(Page.rank, Page.opened_at)
        ).all()
    return tuple(_call(visit, page) for page in found if not visit.teams.isdisjoint(json.loads(page.teams)))


def owners(session: Session, visit: Visit, subjects: Sequence[str]) -> dict[str, str]:
    """For each subject whose page somebody acknowledged: that person's name (of the latest page).

    Only pages of the member's teams: that somebody else was called must not show through a wall.
    """
    rows = session.execute(
        select(Page.subject, Page.teams, Member.name)
        .join(Member, Member.id == Page.acknowledged_by)
        .where(Page.subject.in_(subjects), Page.acknowledged_at.is_not(None))
        .order_by(Page.acknowledged_at)
    )
    return {row.subject: row.name for row in rows if not visit.teams.isdisjoint(json.loads(row.teams))}


def _call(visit: Visit, page: Page) -> Call:
    return Call(
        page_id=page.id,
        reference=page.reference,
        urgency=page.urgency,
        kind=page.kind,
        school=visit.deps.name_of(page.school),
        age=age(visit.now, page.opened_at),
    )
