"""Taking a case over from a colleague who is not there: a deliberate act, told to both, and in the audit."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework.errors import NoSuchCaseError
from casework.offering import is_called
from casework.opening import OpenedCase, look
from casework.render import member_view, see_other
from casework.visit import Visit
from notify import handover, people, taking_over
from notify.tables import Page


def ask(visit: Visit, reference: str) -> ResponseReturnValue:
    """Whose is it, and are they away?"""
    opened = look(visit, reference)
    page = _of_another(visit, opened)
    owner = page.acknowledged_by or "" if page else ""
    with visit.deps.database.reading() as session:
        holder = people.name_of(session, owner) if owner else ""
        away = bool(owner) and taking_over.owner_is_away(session, visit.now, owner)
    return member_view(
        visit,
        "take_over",
        notice="" if owner else "not_theirs",
        case=opened,
        report=opened.report,
        owner=owner,
        holder=holder,
        away=away,
    )


def submit(visit: Visit, reference: str) -> ResponseReturnValue:
    """From the owner whom the member saw, and from no other."""
    opened = look(visit, reference)
    page = _of_another(visit, opened)
    if page is None:
        return _back(opened, "not_theirs")
    owner, directory = request.form.get("owner", ""), visit.directory

    def take(session: Session) -> bool:
        held = session.get_one(Page, page.id)
        return taking_over.take_over(session, visit.now, directory, held, owner, visit.member.id)

    done = visit.deps.database.insist(take)
    visit.deps.waker.wake()
    return _back(opened, "took_over" if done else "not_theirs")


def _of_another(visit: Visit, opened: OpenedCase) -> Page | None:
    """The page by which a colleague has the case; None while phones ring for it, or nobody else has it."""
    if opened.report.status == "closed":
        raise NoSuchCaseError("a closed case is nobody's to take")
    with visit.deps.database.reading() as session:
        page = handover.owned(session, opened.report.id, visit.teams)
    is_other = page is not None and page.acknowledged_by != visit.member.id
    return page if is_other and not is_called(visit, opened) else None


def _back(opened: OpenedCase, notice: str) -> Response:
    return see_other(f"/case/{opened.report.reference}?notice={notice}")
