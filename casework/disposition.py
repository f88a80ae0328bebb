"""Closing a case with what was found, and opening it again.

The disposition is a message of the thread, signed and sealed to the teams alone: the database learns
only "closed".
"""

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from casework.calls import calls_for
from casework.forms import CONTACTS, FINDINGS, CloseForm
from casework.opening import OpenedCase, open_case
from casework.render import member_view, see_other
from casework.sending import seal, team_readers
from casework.visit import Visit
from vault import audit, threads
from vault.clock import minute_of
from vault.errors import ThreadMovedError
from vault.tables import Report
from vault.threads import Content


def ask(visit: Visit, reference: str) -> ResponseReturnValue:
    """The question before the act: what came of it, and is anything still open?"""
    return _view(visit, open_case(visit, reference), CloseForm(formdata=None))


def close(visit: Visit, reference: str) -> ResponseReturnValue:
    opened = open_case(visit, reference)
    form = CloseForm()
    if not form.validate() or _still_called(visit, opened):
        return _view(visit, opened, form, status=400)
    try:
        _close(visit, opened, form)
    except ThreadMovedError:
        return _view(visit, open_case(visit, reference), form, status=409, moved=True)
    return see_other("/?notice=closed")


def reopen(visit: Visit, reference: str) -> ResponseReturnValue:
    opened = open_case(visit, reference)
    with visit.deps.database.writing() as session:
        session.execute(
            update(Report)
            .where(Report.id == opened.report.id, Report.status == "closed")
            .values(status="open")
        )
        audit.record(
            session,
            visit.now,
            actor=visit.actor,
            verb="case_reopened",
            pseudonym=opened.report.pseudonym,
        )
    return see_other(f"/case/{opened.report.reference}?notice=reopened")


def _close(visit: Visit, opened: OpenedCase, form: CloseForm) -> None:
    report = opened.report
    facts = {"kind": "disposition", "contact": form.contact.data, "finding": form.finding.data}
    content = Content((form.note.data or "").replace("\r\n", "\n").strip(), facts)
    sealed = seal(visit, opened, content, team_readers(visit, opened))
    with visit.deps.database.writing() as session:
        threads.append(session, sealed, minute_of(visit.now))
        session.execute(update(Report).where(Report.id == report.id).values(status="closed"))
        audit.record(session, visit.now, actor=visit.actor, verb="case_closed", pseudonym=report.pseudonym)


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
