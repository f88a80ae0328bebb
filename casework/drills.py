"""Drills: the button that tries the whole way out, how one stands while phones ring, and how they all ended.

Whoever runs a school may start one. It is slowed in rows, so that no number of clicks, browsers and processes
makes phones ring more often.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework import stretch
from casework.calls import names_of
from casework.errors import NoSuchCaseError
from casework.pages import may_see
from casework.render import member_view, see_other
from casework.times import Moment, moment
from casework.visit import Visit
from notify.drills import DRILL, MINUTE_MS, Standing, look, slot_of
from notify.tables import Page
from reporting import rubric
from vault import audit
from vault.drill_tables import Drill
from vault.ids import new_id

REFRESH_S: Final = 3
APART_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * 60 * MINUTE_MS
DAILY: Final = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A drill in a list. ``asked_by``: a name; empty for the timetable and the command line."""

    id: str
    kind: str
    school: str
    asked: Moment
    asked_by: str
    standing: Standing


def show(visit: Visit) -> ResponseReturnValue:
    """Past drills and tests of the member's schools, the newest first."""
    here = stretch.asked(visit)
    mine = select(Drill).where(Drill.school.in_(_schools(visit)))
    newest = mine.order_by(Drill.asked_at.desc(), Drill.id).offset(here.start).limit(here.most)
    with visit.deps.database.reading() as session:
        found = session.scalars(newest).all()
        held = _held(session, visit, found[: here.length])
    return member_view(
        visit,
        "drills",
        notice=request.args.get("notice", ""),
        held=held,
        may_start=bool(_run_by(visit)),
        newer=here.newer,
        older=here.older(found),
    )


def ask(visit: Visit) -> ResponseReturnValue:
    """The question before phones ring."""
    mine = _run_by(visit)
    if not mine:
        return see_other("/drills")
    schools = [(school, visit.deps.name_of(school)) for school in mine]
    covered = all(visit.deps.schools[school].covered(visit.now) for school in mine)
    return member_view(visit, "drill_start", schools=schools, covered=covered)


def start(visit: Visit) -> ResponseReturnValue:
    """Ask for a drill; the public process begins it within seconds, as if the form had sent it."""
    school = request.form.get("school", "")
    if school not in _run_by(visit):
        raise NoSuchCaseError("not a school that this member runs")
    drill_id = new_id()
    try:
        with visit.deps.database.writing() as session:
            if _is_too_soon(session, visit.now, school):
                return see_other("/drills?notice=drill_too_soon")
            slot = slot_of(visit.now)
            asked = {"asked_by": visit.member.id, "asked_at": visit.now, "slot": slot}
            session.add(Drill(id=drill_id, school=school, kind=DRILL, **asked))
            audit.record(session, visit.now, actor=visit.actor, verb="drill_asked", school=school)
    except IntegrityError:  # somebody else's click of the same moment
        return see_other("/drills?notice=drill_too_soon")
    return see_other(f"/drill/{drill_id}")


def result(visit: Visit, drill_id: str) -> ResponseReturnValue:
    """How one stands; while it runs the view loads itself again."""
    with visit.deps.database.reading() as session:
        drill = session.get(Drill, drill_id)
        if drill is None or drill.school not in _schools(visit):
            raise NoSuchCaseError("no such drill")
        (held,) = _held(session, visit, [drill])
        page = session.get(Page, held.standing.page) if held.standing.page else None
    provable = page is not None and may_see(visit, page)
    refresh_s = REFRESH_S if held.standing.running else 0
    standing = held.standing
    return member_view(visit, "drill", refresh_s=refresh_s, held=held, standing=standing, provable=provable)


def _schools(visit: Visit) -> frozenset[str]:
    return frozenset(visit.directory.team_by_id[team].school for team in visit.teams)


def _run_by(visit: Visit) -> list[str]:
    """The schools of which this member may start a drill."""
    return [
        school
        for school in sorted(_schools(visit) & set(visit.deps.schools))
        if not visit.teams.isdisjoint(rubric.administrators(visit.directory, school))
    ]


def _is_too_soon(session: Session, now: int, school: str) -> bool:
    """Whoever starts them from the command line is not slowed, and slows nobody."""
    asked = (Drill.school == school) & (Drill.kind == DRILL) & Drill.slot.is_not(None)
    last, count = session.execute(
        select(func.max(Drill.asked_at), func.count()).where(asked, Drill.asked_at > now - DAY_MS)
    ).one()
    return count >= DAILY or (last is not None and now - last < APART_MS)


def _held(session: Session, visit: Visit, drills: Iterable[Drill]) -> list[Held]:
    found = list(drills)
    names = names_of(session, [one.asked_by for one in found])
    return [_of(session, visit, one, names.get(one.asked_by, "")) for one in found]


def _of(session: Session, visit: Visit, drill: Drill, asked_by: str) -> Held:
    deps = visit.deps
    return Held(
        id=drill.id,
        kind=drill.kind,
        school=deps.name_of(drill.school),
        asked=moment(drill.asked_at, deps.zone_of(drill.school), visit.locale),
        asked_by=asked_by,
        standing=look(session, visit.now, drill),
    )
