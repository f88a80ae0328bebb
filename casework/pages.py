"""How cases were called: the pages of a member's teams, and of a school that they run, each with its proof.

A page shows no content, because it has none. That an adult at school was written about shows to nobody but
the teams that read it.
"""

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from casework import cases, pdf, stretch
from casework.calls import names_of
from casework.errors import NoSuchCaseError
from casework.proving import Told, as_json, as_text, tell
from casework.render import member_view
from casework.times import Age, Moment, age, moment
from casework.visit import Visit
from notify.proof import proof_of
from notify.tables import Page
from reporting.routing import ADULT_AT_SCHOOL
from vault.teams import DEFAULT

_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Called:
    """A page in a list. ``after``: until somebody had it; ``name`` is empty while nobody has."""

    page_id: str
    reference: str
    urgency: str
    kind: str
    school: str
    opened: Moment
    name: str
    after: Age


def show(visit: Visit) -> ResponseReturnValue:
    """The newest pages first."""
    here = stretch.asked(visit)
    with visit.deps.database.reading() as session:
        found = _visible(session, visit, true(), here.start + here.most)[here.start :]
        lines = _lines(session, visit, found[: here.length])
    older = here.older(found)
    return member_view(visit, "pages", lines=lines, reference="", newer=here.newer, older=older)


def of_case(visit: Visit, reference: str) -> ResponseReturnValue:
    """The pages of one case, for those who may open it: of their own teams."""
    with visit.deps.database.reading() as session:
        case = cases.find(session, visit, reference)
        found = _visible(session, visit, Page.subject == case.report.id, _ALL)
        lines = _lines(session, visit, found)
    return member_view(visit, "pages", lines=lines, reference=case.report.reference, newer=None, older=None)


def proof(visit: Visit, page_id: str) -> ResponseReturnValue:
    told = _told(visit, page_id)
    return member_view(visit, "proof", told=told, proof=told.proof, page=told.proof.page)


def proof_json(visit: Visit, page_id: str) -> ResponseReturnValue:
    return jsonify(as_json(_told(visit, page_id)))


def proof_pdf(visit: Visit, page_id: str) -> ResponseReturnValue:
    told = _told(visit, page_id)
    answer = Response(pdf.printed(as_text(told, visit.locale)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="page-{told.reference}.pdf"'
    return answer


def may_see(visit: Visit, page: Page) -> bool:
    """Whether the page calls a team of theirs, or is of a school that they run and not behind a wall."""
    teams = set(json.loads(page.teams))
    if not visit.teams.isdisjoint(teams):
        return True
    return page.school in visit.administers() and not _is_behind_wall(visit, page.school, teams)


def _is_behind_wall(visit: Visit, school: str, teams: AbstractSet[str]) -> bool:
    """Whether the teams that a page calls tell that an adult at school was written about.

    Of a thread that goes on behind the wall the deadline calls all of its teams: one is enough that reads
    nothing else.
    """
    routes = visit.directory.routing.get(school, {})
    behind = set(routes.get(ADULT_AT_SCHOOL, ()))
    ordinary = set(visit.directory.teams_of_route(school, DEFAULT)).union(
        *(named for route, named in routes.items() if route != ADULT_AT_SCHOOL)
    )
    return bool(behind) and (teams <= behind or not teams.isdisjoint(behind - ordinary))


def _told(visit: Visit, page_id: str) -> Told:
    """NoSuchCaseError for a page that is not there, or not for this member."""
    deps = visit.deps
    with deps.database.reading() as session:
        page = session.get(Page, page_id)
        if page is None or not may_see(visit, page):
            raise NoSuchCaseError("no such page")
        found = proof_of(session, page_id, deps.judge.is_whole)
    return tell(found, deps.name_of(page.school), deps.zone_of(page.school), visit.locale)


def _visible(session: Session, visit: Visit, which: ColumnElement[bool], most: int) -> list[Page]:
    """The newest ``most`` of the pages that this member may see."""
    own = {visit.directory.team_by_id[team].school for team in visit.teams} | visit.administers()
    found = select(Page).where(which, Page.school.in_(own)).order_by(Page.opened_at.desc(), Page.id)
    pages: list[Page] = []
    for page in session.scalars(found.execution_options(yield_per=100)):
        if len(pages) == most:
            break
        if may_see(visit, page):
            pages.append(page)
    return pages


def _lines(session: Session, visit: Visit, pages: Sequence[Page]) -> list[Called]:
    names = names_of(session, [page.acknowledged_by for page in pages if page.acknowledged_by])
    return [_line(visit, page, names.get(page.acknowledged_by or "", "")) for page in pages]


def _line(visit: Visit, page: Page, name: str) -> Called:
    deps = visit.deps
    return Called(
        page_id=page.id,
        reference=page.reference,
        urgency=page.urgency,
        kind=page.kind,
        school=deps.name_of(page.school),
        opened=moment(page.opened_at, deps.zone_of(page.school), visit.locale),
        name=name,
        after=age(page.acknowledged_at or visit.now, page.opened_at),
    )
