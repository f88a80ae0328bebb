"""Pages that nobody has acknowledged yet and that this member could take: what every view shows first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.times import MINUTE, Age, age
from casework.visit import Visit
from notify import drills, handover
from notify.drills import SELF_TEST
from notify.handover import Offer
from notify.tables import Page
from vault.people_tables import Member


@dataclass(frozen=True, slots=True)
class Call:
    """One open page. ``kind``: report, read_deadline, drill or self_test."""

    page_id: str
    reference: str
    urgency: str
    kind: str
    school: str
    age: Age


def calls_for(visit: Visit) -> tuple[Call, ...]:
    """Open pages of the member's teams, the most urgent and oldest first; of tests, those that call them."""
    theirs = (Page.kind != SELF_TEST) | drills.calls(Page.id, visit.member.id)
    with visit.deps.database.reading() as session:
        found = session.scalars(
            select(Page).where(Page.state == "open", theirs).order_by(Page.rank, Page.opened_at)
        ).all()
    return tuple(_call(visit, page) for page in found if not visit.teams.isdisjoint(json.loads(page.teams)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that ``name`` has and asks this member to take over; ``left``: for how long yet."""

    reference: str
    urgency: str
    name: str
    left: Age


def asked_of(visit: Visit) -> tuple[Asked, ...]:
    """What colleagues ask this member to take over."""
    with visit.deps.database.reading() as session:
        found = handover.pending(session, visit.now, taker=visit.member.id)
        names = names_of(session, [one.giver for one in found])
    return tuple(
        Asked(one.reference, one.urgency, names.get(one.giver, ""), left_of(one, visit.now))
        for one in found
        if not visit.teams.isdisjoint(one.teams)
    )


def left_of(offer: Offer, now: int) -> Age:
    """How long an offer stands yet, a begun minute counted as one."""
    return age(offer.ends_at + MINUTE - 1, now)


def offered(session: Session, visit: Visit, subjects: Sequence[str]) -> dict[str, str]:
    """For each subject that was offered to somebody who has not answered yet: their name."""
    found = [one for one in handover.pending(session, visit.now) if one.subject in subjects]
    names = names_of(session, [one.taker for one in found])
    return {one.subject: names[one.taker] for one in found if not visit.teams.isdisjoint(one.teams)}


def names_of(session: Session, member_ids: Sequence[str]) -> dict[str, str]:
    """The names of these members."""
    rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(member_ids)))
    return {row.id: row.name for row in rows}


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
