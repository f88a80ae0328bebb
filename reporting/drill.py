"""A drill: a report that says that it is one, on the way of every report, so that the whole way is tried.

Its words come from a template, and it calls as an immediate report does. Nobody holds its receipt. The weekly
test walks the same steps and stores no report: there would be one to open and close every week.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify.drills import SELF_TEST, SELF_TEST_MS, STALE_MS
from notify.escalation import ALL
from notify.paging import PageRequest, open_page
from notify.settings import PagingSettings
from reporting import routing, rubric
from reporting.draft import Draft
from reporting.intake import Intake, IntakeDeps
from reporting.reading import UNREAD, read
from reporting.receipt import Receipt
from reporting.schools import School
from reporting.web_origin import WebOrigin
from templates.words import render
from triage import Assessment, Urgency
from vault import threads
from vault.drill_tables import Drill
from vault.ids import new_reference
from vault.tables import Report
from vault.threads import Content, seal_message

ASSESSMENT = replace(UNREAD, urgency=Urgency.IMMEDIATE, scored=True, why="drill")


def assess(text: str, recent: Sequence[str]) -> Assessment:
    """In place of triage: a drill is immediate, whatever its words."""
    del text, recent
    return ASSESSMENT


def draft(drill_id: str, school: School, install: str) -> Draft:
    """The report of a drill, in the school's first language, as if the form had sent it.

    The same for the same drill: whoever files it a second time, after a crash, finds that it is there.
    """
    secret = hashlib.sha256(b"tipline drill" + drill_id.encode()).digest()
    receipt = Receipt.from_nonce(secret, secret[:16])
    origin = WebOrigin.of(receipt, pepper=secret, install=install, from_form=True)
    locale = school.languages[0]
    text = render("messages/drill.txt", locale).strip()
    return Draft(school=school, text=text, locale=locale, origin=origin, drill=True)


def waiting(session: Session, now: int) -> list[Drill]:
    """Drills that were asked for and not begun, but for those that waited too long."""
    asked = select(Drill).where(Drill.filed_at.is_(None), Drill.ended_at.is_(None))
    return list(session.scalars(asked.where(Drill.asked_at > now - STALE_MS).order_by(Drill.asked_at)))


def file(deps: IntakeDeps, school: School, drill: Drill) -> None:
    """Begin ``drill``, once however often and by whomever this is called. Errors as ``Intake.file``."""
    if drill.kind == SELF_TEST:
        _begin_test(deps, school, drill)
    else:
        _file_report(deps, school, drill)


def _file_report(deps: IntakeDeps, school: School, drill: Drill) -> None:
    made = draft(drill.id, school, deps.install)
    Intake(replace(deps, assess=assess)).file(made)
    with deps.database.writing() as session:
        found = select(Report.id).where(Report.lookup_id == made.origin.lookup_id)
        begun = {"report_id": session.scalars(found).one(), "filed_at": deps.clock.now(session)}
        session.execute(update(Drill).where(Drill.id == drill.id, Drill.filed_at.is_(None)).values(begun))


def _begin_test(deps: IntakeDeps, school: School, drill: Drill) -> None:
    """Assess and seal as for a report; then the page alone, in the transaction that takes the row."""
    made = draft(drill.id, school, deps.install)
    assessment = read(assess, made.text, ())
    with deps.database.reading() as session:
        directory = deps.directories.current(session)
    recipients = rubric.recipients(directory, school.id, routing.route_of(assessment, adult_concern=False))
    head = threads.new_head(deps.install, school.id)
    seal_message(head, "reporter", Content(made.text, {}, assessment.to_json()), recipients)
    teams = routing.team_ids(recipients)
    with deps.database.writing() as session:
        now = deps.clock.now(session)
        # One that was ended as never begun has nobody left who would close its page.
        waits = Drill.filed_at.is_(None) & Drill.ended_at.is_(None)
        taken = update(Drill).where(Drill.id == drill.id, waits).values(filed_at=now)
        if session.scalar(taken.returning(Drill.id)):
            open_page(session, now, _request(school, drill, teams), _settings(deps.paging, teams))
    deps.waker.wake()


def _request(school: School, drill: Drill, teams: tuple[str, ...]) -> PageRequest:
    return PageRequest(
        school=school.id,
        subject=drill.id,
        reference=new_reference(),
        urgency=Urgency.IMMEDIATE.value,
        wakes=False,
        teams=teams,
        kind=SELF_TEST,
        zone=school.zone,
        first=True,
    )


def _settings(paging: PagingSettings, teams: tuple[str, ...]) -> PagingSettings:
    """One step, for the person on call of the first team, that outlasts the test; no case is to be opened."""
    minutes = 4 * SELF_TEST_MS // 60_000
    step = f"on_call of {teams[0]} by {' '.join(ALL)}, wait {minutes} min"
    return replace(paging, policies={Urgency.IMMEDIATE.value: (step,)}, unopened_after_s=0)
