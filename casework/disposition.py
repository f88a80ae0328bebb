"""Closing a case with what was found, and opening it again.

The disposition is a message of the thread, signed and sealed to the teams alone: the database learns
only "closed".
"""

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from casework.calls import calls_for
from casework.forms import CONTACTS, FINDINGS, CloseForm
from casework.opening import OpenedCase, look
from casework.render import member_view, see_other
from casework.sending import seal, store, team_readers
from casework.visit import Visit
from reporting import retention
from vault import audit
from vault.errors import ThreadMovedError
from vault.tables import Report
from vault.threads import Content


def ask(visit: Visit, reference: str) -> ResponseReturnValue:
    """The question before the act: what came of it, and is anything still open?"""
    opened = look(visit, reference)
    if opened.report.status == "closed":
        return _back(opened, "closed")
    seen = request.args.get("seen", 0, type=int)
    return _view(visit, opened, CloseForm(formdata=None, seen=seen), moved=seen != opened.seen)


def close(visit: Visit, reference: str) -> ResponseReturnValue:
    opened, form = look(visit, reference), CloseForm()
    if opened.report.status == "closed":
        return _back(opened, "closed")
    if not form.validate() or _still_called(visit, opened):
        return _view(visit, opened, form, status=400)
    if form.seen.data != opened.seen:
        return _view(visit, opened, form, status=409, moved=True)
    try:
        _close(visit, opened, form)
    except ThreadMovedError:
        return _view(visit, look(visit, reference), form, status=409, moved=True)
    return see_other("/?notice=closed")


def reopen(visit: Visit, reference: str) -> ResponseReturnValue:
    opened = look(visit, reference)
    report = opened.report
    closed = update(Report).where(Report.id == report.id, Report.status == "closed")
    with visit.deps.database.writing() as session:
        if session.scalar(closed.values(status="open").returning(Report.id)):
            audit.record(
                session, visit.now, actor=visit.actor, verb="case_reopened", pseudonym=report.pseudonym
            )
    return _back(opened, "reopened")


def _close(visit: Visit, opened: OpenedCase, form: CloseForm) -> None:
    report = opened.report
    facts = {"kind": "disposition", "contact": form.contact.data, "finding": form.finding.data}
    content = Content((form.note.data or "").replace("\r\n", "\n").strip(), facts)
    sealed = seal(visit, opened, content, team_readers(visit, opened))
    with visit.deps.database.writing() as session:
        store(session, visit, sealed)
        # What was told another team alone and is still unread must go on being called for.
        read = update(Report).where(Report.id == report.id, Report.read_deadline.is_(None))
        kept = retention.kept_after_closing(visit.now)
        session.execute(read.values(status="closed", retain_until=kept))
        audit.record(session, visit.now, actor=visit.actor, verb="case_closed", pseudonym=report.pseudonym)


def _back(opened: OpenedCase, notice: str) -> Response:
    return see_other(f"/case/{opened.report.reference}?notice={notice}")


def _still_called(visit: Visit, opened: OpenedCase) -> bool:
    """Whether a page of this case still waits for somebody to say "I have it"."""
    return any(call.reference == opened.report.reference for call in calls_for(visit))


def _view(
    visit: Visit, opened: OpenedCase, form: CloseForm, *, status: int = 200, moved: bool = False
) -> Response:
    return member_view(
        visit,
        "close",
        status=status,
        case=opened,
        report=opened.report,
        form=form,
        moved=moved,
        contacts=CONTACTS,
        findings=FINDINGS,
        still_called=_still_called(visit, opened),
    )
