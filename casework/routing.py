"""Routing a case to another team of its school: what was said is opened to them, and what comes follows.

The member signs it twice: for the team, as a note in the thread; for the reporter's side, as a case route.
"""

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework.forms import RouteForm
from casework.opening import OpenedCase, look
from casework.render import member_view, see_other
from casework.sending import seal, store, team_readers
from casework.visit import Visit
from vault import audit, case_routes, threads
from vault.errors import ThreadMovedError
from vault.tables import RecipientTeam
from vault.teams import Team
from vault.threads import Content


def ask(visit: Visit, reference: str) -> ResponseReturnValue:
    """Whom to, and why. It cannot be taken back: what somebody read they have read."""
    opened = look(visit, reference)
    return _view(visit, opened, RouteForm(formdata=None, seen=opened.seen))


def submit(visit: Visit, reference: str) -> ResponseReturnValue:
    opened, form = look(visit, reference), RouteForm()
    team = next((one for one in _choices(visit, opened) if one.id == form.team.data), None)
    if not form.validate() or team is None:
        return _view(visit, opened, form, status=400)
    if form.seen.data != opened.seen:
        return _view(visit, opened, form, status=409, moved=True)
    try:
        _route(visit, opened, team, form.note.data or "")
    except ThreadMovedError:
        return _view(visit, look(visit, reference), form, status=409, moved=True)
    return see_other(f"/case/{reference}?notice=routed#latest")


def _route(visit: Visit, opened: OpenedCase, team: Team, note: str) -> None:
    report, deps = opened.report, visit.deps
    content = Content(note.replace("\r\n", "\n").strip(), {"kind": "routing", "team": team.id})
    readers = [to for to in team_readers(visit, opened) if to.name != team.recipient.name]
    sealed = seal(visit, opened, content, [*readers, team.recipient])
    openers = visit.openers()
    with deps.database.writing() as session:
        shown = [item.message_id for item in opened.items if item.state == "opened"]
        threads.share(session, deps.install, report.id, shown, openers, team.recipient)
        store(session, visit, sealed)
        case_routes.add(session, visit.keys.signer, opened.head, team.id)
        _note_team(session, report.id, team.id)
        facts = {"team": team.id}
        audit.record(
            session, visit.now, actor=visit.actor, verb="case_routed", pseudonym=report.pseudonym, **facts
        )


def _note_team(session: Session, report_id: str, team_id: str) -> None:
    if session.get(RecipientTeam, (report_id, team_id)) is None:
        session.add(RecipientTeam(report_id=report_id, team_id=team_id))


def _choices(visit: Visit, opened: OpenedCase) -> list[Team]:
    """The school's other teams, for which somebody is there to read."""
    teams = visit.directory.teams(opened.report.school)
    return [team for team in teams if team.id not in opened.case.teams and team.members]


def _view(
    visit: Visit, opened: OpenedCase, form: RouteForm, *, status: int = 200, moved: bool = False
) -> Response:
    return member_view(
        visit,
        "route",
        status=status,
        case=opened,
        report=opened.report,
        form=form,
        moved=moved,
        choices=_choices(visit, opened),
    )
