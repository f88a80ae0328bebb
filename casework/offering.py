"""Handing a case to a colleague: asked for and accepted, never assigned. Until a yes it is its owner's.

The reason, if there is one, is a note of the thread, signed and sealed to the teams alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import cases
from casework.calls import calls_for, left_of, names_of
from casework.forms import OfferForm
from casework.opening import OpenedCase, look
from casework.render import member_view, see_other
from casework.sending import seal, store, team_readers
from casework.times import Age
from casework.visit import Visit
from notify import handover, people
from notify.duty_tables import ContactMethod, Responder
from notify.handover import Offer
from notify.paging import PageRequest
from notify.tables import Page
from vault import audit
from vault.errors import ThreadMovedError
from vault.people_tables import Member
from vault.tables import Report
from vault.threads import Content


@dataclass(frozen=True, slots=True)
class Handing:
    """``mine``: this member may offer it. ``to``: the name of who was asked, for ``left`` yet; or empty.

    ``owner``: the name of the colleague from whom they could take it over, or empty.
    """

    mine: bool
    to: str
    left: Age
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Colleague:
    """``reachable``: they are asked by their ways. Who has none sees it when they sign in."""

    id: str
    name: str
    reachable: bool


def state_of(visit: Visit, opened: OpenedCase) -> Handing:
    """Whether the case can be handed on by this member, and whether somebody was asked."""
    with visit.deps.database.reading() as session:
        page = _owned(session, visit, opened.report)
        found = _pending(session, visit, opened.report)
        to = names_of(session, [found.taker]).get(found.taker, "") if found else ""
        owner = people.name_of(session, page.acknowledged_by) if page else ""
    mine = page is None or page.acknowledged_by == visit.member.id
    left = left_of(found, visit.now) if found else Age(0, "now")
    if is_called(visit, opened):
        return Handing(mine=False, to=to, left=left)
    return Handing(mine, to, left, "" if mine else owner)


def ask(visit: Visit, reference: str) -> ResponseReturnValue:
    """Whom, and why?"""
    opened = look(visit, reference)
    return _view(visit, opened, OfferForm(formdata=None), refused=_refusal(visit, opened))


def submit(visit: Visit, reference: str) -> ResponseReturnValue:
    opened, form = look(visit, reference), OfferForm()
    colleague = next((one for one in _colleagues(visit, opened) if one.id == form.colleague.data), None)
    if refused := _refusal(visit, opened):
        return _back(opened.report, refused)
    if not form.validate() or colleague is None:
        return _view(visit, opened, form, status=400)
    try:
        done = _offer(visit, opened, colleague, (form.note.data or "").replace("\r\n", "\n").strip())
    except ThreadMovedError:
        return _view(visit, look(visit, reference), form, status=409, moved=True)
    return _back(opened.report, "offered" if done else "already")


def accept(visit: Visit, reference: str) -> ResponseReturnValue:
    """The colleague takes it over, and has it open by going on to it."""

    def take(session: Session, page_id: str) -> bool:
        return handover.accept(session, visit.now, visit.directory, page_id, visit.member.id)

    report, done = _answer(visit, reference, take)
    return _back(report, "took_over" if done else "offer_over")


def withdraw(visit: Visit, reference: str) -> ResponseReturnValue:
    """Whoever asked takes the question back, and keeps the case."""

    def keep(session: Session, page_id: str) -> bool:
        return handover.withdraw(session, visit.now, page_id, visit.member.id)

    report, done = _answer(visit, reference, keep)
    return _back(report, "withdrawn" if done else "not_asked")


def decline(visit: Visit, reference: str) -> ResponseReturnValue:
    """The colleague cannot; the owner hears so."""

    def leave(session: Session, page_id: str) -> bool:
        return handover.decline(session, visit.now, page_id, visit.member.id)

    _, done = _answer(visit, reference, leave)
    return see_other(f"/?notice={'declined' if done else 'offer_over'}")


def _answer(visit: Visit, reference: str, act: Callable[[Session, str], bool]) -> tuple[Report, bool]:
    """The case, and what ``act`` says, which gets the id of the page that is offered; False: none is."""

    def find_and_act(session: Session) -> tuple[Report, bool]:
        report = cases.find(session, visit, reference).report
        found = _pending(session, visit, report)
        return report, found is not None and act(session, found.page_id)

    answered = visit.deps.database.insist(find_and_act)
    visit.deps.waker.wake()
    return answered


def _offer(visit: Visit, opened: OpenedCase, colleague: Colleague, note: str) -> bool:
    """False when the case became somebody else's meanwhile."""
    deps, report = visit.deps, opened.report
    sealed = None
    if note:
        content = Content(note, {"kind": "offer", "to": colleague.name})
        sealed = seal(visit, opened, content, team_readers(visit, opened))

    def ask_them(session: Session) -> bool:
        page = _owned(session, visit, report) or _own(session, visit, opened)
        if page.acknowledged_by != visit.member.id:
            return False
        if sealed:
            store(session, visit, sealed)
            audit.record(
                session, visit.now, actor=visit.actor, verb="offer_explained", pseudonym=report.pseudonym
            )
        handover.offer(session, visit.now, page, colleague.id, deps.paging)
        return True

    done = deps.database.insist(ask_them)
    deps.waker.wake()
    return done


def _own(session: Session, visit: Visit, opened: OpenedCase) -> Page:
    """Nobody was paged for it: whoever hands it on has had it."""
    report, deps = opened.report, visit.deps
    request = PageRequest(
        school=report.school,
        subject=report.id,
        reference=report.reference,
        urgency=report.urgency,
        wakes=False,
        teams=opened.case.teams,
        zone=deps.zone_of(report.school),
    )
    return handover.own(session, visit.now, request, visit.member.id, deps.paging)


def _owned(session: Session, visit: Visit, report: Report) -> Page | None:
    return handover.owned(session, report.id, visit.teams)


def _pending(session: Session, visit: Visit, report: Report) -> Offer | None:
    found = handover.pending(session, visit.now, subject=report.id)
    return next((one for one in found if not visit.teams.isdisjoint(one.teams)), None)


def _refusal(visit: Visit, opened: OpenedCase) -> str:
    """Why this member cannot hand it on, as a notice: it still calls, or is somebody else's. Or nothing."""
    if is_called(visit, opened):
        return "call_first"
    return "" if state_of(visit, opened).mine else "already"


def is_called(visit: Visit, opened: OpenedCase) -> bool:
    """Whether phones still ring for it: then it is taken by answering."""
    return any(call.reference == opened.report.reference for call in calls_for(visit))


def _colleagues(visit: Visit, opened: OpenedCase) -> list[Colleague]:
    """Those who can open the case and were called for it, but for this member: no other's yes would count."""
    called = select(Responder.member_id).join(ContactMethod).where(Responder.active)
    with visit.deps.database.reading() as session:
        page = _owned(session, visit, opened.report)
        paged = set(json.loads(page.teams)) if page else set(opened.case.teams)
        teams = [visit.directory.team_by_id[team] for team in opened.case.teams if team in paged]
        ids = {one for team in teams for one in team.members} - {visit.member.id}
        reachable = set(session.scalars(called))
        active = select(Member.id, Member.name).where(Member.id.in_(ids), Member.active)
        rows = session.execute(active.order_by(Member.name, Member.id)).all()
    return [Colleague(row.id, row.name, row.id in reachable) for row in rows]


def _back(report: Report, notice: str) -> Response:
    return see_other(f"/case/{report.reference}?notice={notice}")


def _view(
    visit: Visit,
    opened: OpenedCase,
    form: OfferForm,
    *,
    status: int = 200,
    moved: bool = False,
    refused: str = "",
) -> Response:
    return member_view(
        visit,
        "offer",
        status=status,
        notice=refused,
        case=opened,
        report=opened.report,
        form=form,
        moved=moved,
        colleagues=() if refused else _colleagues(visit, opened),
        minutes=round(visit.deps.paging.handover_s / 60),
    )
