"""The one way in: assess, seal, store, page, audit, answer. A message and its page exist together or not.

Assessing and sealing are finished before the writing transaction begins.
"""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notify.paging import PageRequest, open_page
from notify.settings import PagingSettings
from reporting import routing, store
from reporting.draft import Draft, Filed, Joined
from reporting.errors import NotStoredError
from reporting.reading import Assess, read
from triage import Assessment
from vault import audit, threads
from vault.clock import Clock, minute_of
from vault.database import Database
from vault.errors import ThreadMovedError
from vault.tables import Report
from vault.teams import Directory
from vault.threads import RECEIPT, Content, Recipient, SealedMessage, ThreadHead, seal_message

TURNS = 40


class Directories(Protocol):
    """Gives the team directory in force: the last good one."""

    def current(self, session: Session) -> Directory: ...


class Waker(Protocol):
    """A hint to the pager that there is work; it may be lost."""

    def wake(self) -> None: ...


@dataclass(frozen=True, slots=True)
class IntakeDeps:
    """What intake works with. ``install``: this install's id, part of every sealed object's place."""

    database: Database
    clock: Clock
    directories: Directories
    install: str
    paging: PagingSettings
    waker: Waker
    assess: Assess
    retention_days: int = 365


@dataclass(frozen=True, slots=True)
class Scene:
    """What intake sees before it seals."""

    now: int
    directory: Directory
    joined: Joined | None
    head: ThreadHead
    before: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()


class Intake:
    """Files drafts. Holds no secret and no state."""

    def __init__(self, deps: IntakeDeps) -> None:
        self._deps = deps

    def file(self, draft: Draft) -> Filed:
        """Store ``draft`` for good; what is answered is committed.

        Two messages may race for one place in a thread: the later one looks and seals again.
        Raises NotStoredError, or whatever the database said, when nothing could be committed.
        """
        for turn in range(TURNS):
            try:
                return self._try(draft, look_for_thread=turn > 0 or not draft.origin.fresh)
            except (ThreadMovedError, IntegrityError):
                continue
        raise NotStoredError("the thread kept moving")

    def _try(self, draft: Draft, *, look_for_thread: bool) -> Filed:
        scene = self._look(draft, look_for_thread=look_for_thread)
        assessment = read(self._deps.assess, draft.text, scene.joined.recent if scene.joined else ())
        if scene.joined and scene.joined.again:
            return self._answer(draft, scene, assessment, scene.latest, again=True)
        recipients = self._recipients(draft, scene, assessment)
        sealed = _seal(draft, scene, assessment, recipients)
        teams = routing.team_ids(recipients)
        with self._deps.database.writing() as session:
            report = self._store(session, draft, scene, assessment, teams, sealed)
            self._page(session, draft, scene, assessment, teams, report)
            verb = "message_filed" if scene.joined else "report_filed"
            facts = {"channel": draft.origin.channel, "urgency": assessment.urgency.value}
            audit.record(session, scene.now, actor="reporter", verb=verb, pseudonym=report.pseudonym, **facts)
        self.wake()
        return self._answer(draft, scene, assessment, teams)

    def wake(self) -> None:
        """Hint to the pager that something was committed that it may have to deliver."""
        self._deps.waker.wake()

    def _look(self, draft: Draft, *, look_for_thread: bool) -> Scene:
        deps = self._deps
        with deps.database.reading() as session:
            now = deps.clock.now(session)
            directory = deps.directories.current(session)
            joined = draft.origin.joins(session, now, directory, draft) if look_for_thread else None
            if joined is None:
                return Scene(now, directory, None, threads.new_head(deps.install, draft.school.id))
            report_id = joined.report.id
            head = threads.head(session, deps.install, report_id)
            before = routing.teams_of_thread(session, report_id)
            return Scene(now, directory, joined, head, before, routing.teams_of_latest(session, report_id))

    def _recipients(self, draft: Draft, scene: Scene, assessment: Assessment) -> tuple[Recipient, ...]:
        route = routing.route_of(assessment, adult_concern=draft.adult_concern)
        school = draft.school.id
        if scene.joined is None:
            teams = scene.directory.recipients(school, route)
        else:
            teams = routing.for_joined(scene.directory, school, route, scene.before, scene.latest)
        key = draft.origin.reporter_key
        return (*teams, Recipient(RECEIPT, key)) if key else teams

    def _store(
        self,
        session: Session,
        draft: Draft,
        scene: Scene,
        assessment: Assessment,
        teams: tuple[str, ...],
        sealed: SealedMessage,
    ) -> Report:
        if scene.joined is None:
            days = self._deps.retention_days
            report = store.new_report(draft, sealed.head.report_id, scene.now, assessment, days)
            session.add(report)
            session.flush()
        else:
            report = store.touch(session, draft, scene.joined.report.id, scene.now, assessment)
        store.add_teams(session, report.id, set(teams) - set(scene.before))
        threads.append(session, sealed, minute_of(scene.now))
        draft.origin.keep(session, scene.now, report, assessment)
        return report

    def _page(
        self,
        session: Session,
        draft: Draft,
        scene: Scene,
        assessment: Assessment,
        teams: tuple[str, ...],
        report: Report,
    ) -> None:
        request = PageRequest(
            school=report.school,
            subject=report.id,
            reference=report.reference,
            urgency=assessment.urgency.value,
            wakes=assessment.wakes,
            teams=teams,
            kind="report",
            zone=draft.school.zone,
        )
        open_page(session, scene.now, request, self._deps.paging)

    @staticmethod
    def _answer(
        draft: Draft, scene: Scene, assessment: Assessment, teams: tuple[str, ...], *, again: bool = False
    ) -> Filed:
        return Filed(
            now=scene.now,
            receipt=draft.origin.receipt,
            assessment=assessment,
            roles=routing.roles(scene.directory, teams),
            first=scene.joined is None,
            again=again,
        )


def _seal(
    draft: Draft, scene: Scene, assessment: Assessment, recipients: tuple[Recipient, ...]
) -> SealedMessage:
    facts = dict(draft.facts)
    if draft.locale:
        facts["locale"] = draft.locale
    if draft.adult_concern:
        facts["adult_concern"] = "yes"
    return seal_message(scene.head, "reporter", Content(draft.text, facts, assessment.to_json()), recipients)
