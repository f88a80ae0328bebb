"""How a member is reached, and whether it works: each sees their own ways and can send a test by one.

No view has an address, which only the pager opens: of one's own phone it has the last two digits. Who runs a
school sees how its people's ways stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import NoSuchCaseError
from casework.render import member_view, see_other
from casework.times import Age, age
from casework.visit import Visit
from notify import checkup, endings, escalation, notes, people
from notify.checkup import Checked, Try
from notify.duty_tables import CalendarFeed, ContactMethod, Responder
from notify.escalation import Quiet
from reporting.rubric import ADMINISTRATION
from templates.words import render
from vault import audit

REFRESH_S = 4
# For so long a text that the carrier took may still be told to have arrived.
_SETTLING_MS = 120_000


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of something, and how long ago; ``state`` and ``whose`` as ``notify.checkup`` has them."""

    state: str
    whose: str
    ago: Age


@dataclass(frozen=True, slots=True)
class WayView:
    """``last`` is about anything that went there, ``test`` about the last test.

    ``ending``: the last two digits of one's own phone; empty for anything else, and in others' eyes.
    """

    way: Checked
    last: Tried | None
    test: Tried | None
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague, as who runs the school sees them."""

    id: str
    name: str
    ways: tuple[WayView, ...]
    faulty: bool


def show(visit: Visit) -> ResponseReturnValue:
    return view(visit)


def test(visit: Visit) -> ResponseReturnValue:
    """Send a test by one of the member's own ways."""
    with visit.deps.database.writing() as session:
        own = people.responder_of(session, visit.member.id)
        chosen = (ContactMethod.id == request.form.get("way", "")) & (ContactMethod.responder_id == own)
        way = session.scalar(select(ContactMethod).where(chosen))
        if way is None:
            raise NoSuchCaseError("not this member's way")
        sent = _send(session, visit, [way])
    visit.deps.waker.wake()
    return see_other(f"/ways?notice={'tested' if sent else 'test_soon'}")


def ask(visit: Visit) -> ResponseReturnValue:
    """Who runs the school sends a colleague a test by each of their ways. At night it would wake them."""
    person = request.form.get("person", "")
    if person not in _colleagues(visit):
        raise NoSuchCaseError("not of a school that this member runs")
    if _is_night(visit):
        return see_other("/ways?notice=test_night")
    with visit.deps.database.writing() as session:
        own = select(ContactMethod).where(ContactMethod.responder_id == person)
        sent = _send(session, visit, session.scalars(own.order_by(ContactMethod.rank)).all())
    visit.deps.waker.wake()
    return see_other(f"/ways?notice={'test_asked' if sent else 'test_soon'}")


def view(visit: Visit, *, address: str = "", of_team: str = "") -> ResponseReturnValue:
    """``address``: a calendar's that was just made, shown this once; ``of_team``: whose, or one's own."""
    colleagues = _colleagues(visit)
    with visit.deps.database.reading() as session:
        own = people.responder_of(session, visit.member.id)
        found = checkup.look(session, visit.now, [*colleagues, own])
        locale = session.scalar(select(Responder.locale).where(Responder.id == own)) or visit.locale
        feeds = session.scalars(select(CalendarFeed.team_id).where(CalendarFeed.responder_id == own)).all()
    ways = tuple(_own(visit, one) for one in found[own])
    others = [
        Person(one, name, tuple(_shown(visit, way) for way in found[one]), _is_faulty(found[one]))
        for one, name in colleagues.items()
        if one != own
    ]
    return member_view(
        visit,
        "ways",
        refresh_s=0 if address or not any(_moves(visit, one.way.test) for one in ways) else REFRESH_S,
        notice=request.args.get("notice", ""),
        ways=ways,
        others=sorted(others, key=lambda one: (not one.faulty, one.name)),
        said=render("messages/test.txt", locale).strip(),
        teams=sorted(visit.teams),
        has=[team or "" for team in feeds],
        address=address,
        of_team=of_team,
    )


def _send(session: Session, visit: Visit, ways: Sequence[ContactMethod]) -> int:
    """Post a test by each of ``ways`` that may have one now; how many."""
    able = [way for way in ways if notes.may_test(session, visit.now, way)]
    for way in able:
        notes.post(session, visit.now, way, notes.TEST)
        facts = {"way": way.id, "responder": way.responder_id}
        audit.record(session, visit.now, actor=visit.actor, verb="way_tested", **facts)
    return len(able)


def _colleagues(visit: Visit) -> Mapping[str, str]:
    """Responder id to name of those whose ways this member looks after, themselves perhaps among them.

    Everybody of a school that they run; where no team runs the school, those of their own teams.
    """
    teams = [visit.directory.team_by_id[team] for team in visit.teams]
    led = {team.school for team in visit.directory.team_by_id.values() if team.role == ADMINISTRATION}
    runs = {team.school for team in teams if team.role == ADMINISTRATION}
    own = {one for team in teams if team.school not in led for one in team.members}
    members = own.union(*(team.members for school in runs for team in visit.directory.teams(school)))
    called = select(Responder.id, Responder.name).where(Responder.member_id.in_(members), Responder.active)
    with visit.deps.database.reading() as session:
        return {row.id: row.name for row in session.execute(called)}


def _is_night(visit: Visit) -> bool:
    paging = visit.deps.paging
    schools = {visit.directory.team_by_id[team].school for team in visit.teams}
    nights = (Quiet(visit.deps.zone_of(one), paging.night_from, paging.night_to) for one in schools)
    return any(escalation.quiet_until(night, visit.now) is not None for night in nights)


def _is_faulty(ways: Sequence[Checked]) -> bool:
    return not ways or any(way.faulty for way in ways)


def _own(visit: Visit, way: Checked) -> WayView:
    ending = endings.ending_of(visit.deps.responder_numbers, way.address_key, way.ending_key)
    return replace(_shown(visit, way), ending=ending)


def _shown(visit: Visit, way: Checked) -> WayView:
    return WayView(way, _tried(visit, way.last), _tried(visit, way.test))


def _tried(visit: Visit, found: Try | None) -> Tried | None:
    return Tried(found.state, found.whose, age(visit.now, found.at)) if found else None


def _moves(visit: Visit, found: Try | None) -> bool:
    """Whether the view may say something else in a moment."""
    return (
        found is not None
        and found.state in {"due", "claimed", "sent"}
        and visit.now - found.at < _SETTLING_MS
    )
