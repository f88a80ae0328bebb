"""The one way in: assess, seal, store, page, audit, answer. A message and its page exist together or not.

Assessing and sealing are finished before the writing transaction begins.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notify.escalation import PAGED
from notify.paging import PageRequest, open_page
from notify.settings import PagingSettings
from reporting import routing, rubric, store, wall
from reporting.draft import Case, Draft, Filed, Joined
from reporting.errors import DirectoryMovedError, NotStoredError
from reporting.reading import Assess, read
from reporting.routing import NOTHING_BEFORE
from triage import Assessment
from vault import audit, threads
from vault.clock import Clock, minute_of
from vault.database import Database
from vault.errors import ThreadMovedError
from vault.statements import Row
from vault.teams import Directory
from vault.threads import RECEIPT, Content, Recipient, SealedMessage, ThreadHead, seal_message

TURNS = 40
_TRY_AGAIN = (ThreadMovedError, DirectoryMovedError, IntegrityError)


class Directories(Protocol):
    """Gives the team directory in force, the last good one; ``at_moment``: with what the clock says."""

    def current(self, session: Session) -> Directory: ...

    def at_moment(self, session: Session, clock: Clock) -> tuple[int, Directory]: ...


class Waker(Protocol):
    """A hint to the pager that there is work; it may be lost."""

    def wake(self) -> None: ...


@dataclass(frozen=True, slots=True)
class IntakeDeps:
    """What intake works with. ``install``: this install's id, part of every sealed object's place.

    ``wall_key``: of the marks that ``reporting.wall`` makes. ``has_room``: whether there is room to page for
    what is stored; where not, nothing is.
    """

    database: Database
    clock: Clock
    directories: Directories
    install: str
    paging: PagingSettings
    waker: Waker
    assess: Assess
    wall_key: bytes = field(repr=False)
    retention_days: int = 365
    has_room: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Scene:
    """What intake knows when it seals. ``before``: what there is of a joined thread."""

    directory: Directory
    head: ThreadHead
    joined: Joined | None = None
    now: int = 0
    before: routing.Before = NOTHING_BEFORE


@dataclass(frozen=True, slots=True, repr=False)
class Ready:
    """A message that is assessed and sealed, with the teams that can open it, first called first."""

    draft: Draft
    scene: Scene
    assessment: Assessment
    teams: tuple[str, ...]
    sealed: SealedMessage
    walled: bool

    @property
    def pages(self) -> bool:
        return self.assessment.urgency.value in PAGED


class Intake:
    """Files drafts. Remembers only the team directory it saw last."""

    def __init__(self, deps: IntakeDeps) -> None:
        self._deps = deps
        self._directory: Directory | None = None

    def file(self, draft: Draft) -> Filed:
        """Store ``draft`` for good; what is answered is committed.

        Two messages may race for one place in a thread: the later one looks and seals again.
        Raises NotStoredError, or whatever the database said, when nothing could be committed.
        """
        if not self._deps.has_room():
            raise NotStoredError("the disk is full")
        for turn in range(TURNS):
            try:
                return self._try(draft, is_fresh=turn == 0 and draft.origin.fresh)
            except _TRY_AGAIN:
                continue
        raise NotStoredError("the thread kept moving")

    def wake(self) -> None:
        """Hint to the pager that something was committed that it may have to deliver."""
        self._deps.waker.wake()

    def _try(self, draft: Draft, *, is_fresh: bool) -> Filed:
        seen = self._directory if is_fresh else None
        scene = self._expected(draft, seen) if seen else self._look(draft, is_fresh=is_fresh)
        assessment = read(self._deps.assess, draft.text, scene.joined.recent if scene.joined else ())
        if scene.joined and scene.joined.again:
            return _answer(draft, scene, assessment, tuple(scene.before.latest), scene.now)
        ready = self._seal(draft, scene, assessment)
        # What a form's message writes that pages nobody is one statement: it spares BEGIN and COMMIT.
        at_once = is_fresh and not ready.pages
        now, is_paging = self._deps.database.insist(partial(self._keep, ready), at_once=at_once)
        if is_paging:
            self.wake()
        return _answer(draft, scene, assessment, ready.teams, now)

    def _expected(self, draft: Draft, directory: Directory) -> Scene:
        """A first message with the directory seen last: no look at the database before it is stored.

        The transaction that stores it finds out if either is not so; then it is tried again, with a look.
        """
        return Scene(directory, threads.new_head(self._deps.install, draft.school.id))

    def _look(self, draft: Draft, *, is_fresh: bool) -> Scene:
        deps = self._deps
        with deps.database.reading() as session:
            now, self._directory = deps.directories.at_moment(session, deps.clock)
            directory = self._directory
            joined = None if is_fresh else draft.origin.joins(session, now, directory, draft)
            if joined is None:
                return Scene(directory, threads.new_head(deps.install, draft.school.id))
            head = threads.head(session, deps.install, joined.report_id)
            before = routing.before_of(session, directory, head, deps.wall_key)
            return Scene(directory, head, joined, now, before)

    def _check_directory(self, session: Session, used: Directory) -> int:
        """What the clock says, if ``used`` is still the directory in force."""
        now, self._directory = self._deps.directories.at_moment(session, self._deps.clock)
        if self._directory.signature != used.signature:
            raise DirectoryMovedError("the team directory changed while this was sealed")
        return now

    @staticmethod
    def _seal(draft: Draft, scene: Scene, assessment: Assessment) -> Ready:
        route = routing.route_of(assessment, adult_concern=draft.adult_concern)
        school, directory = draft.school.id, scene.directory
        recipients = rubric.recipients(directory, school, route)
        if scene.joined is not None:
            recipients = routing.for_joined(directory, school, route, scene.before)
        teams = routing.team_ids(recipients)
        if draft.origin.reporter_key is not None:
            recipients = (*recipients, Recipient(RECEIPT, draft.origin.reporter_key))
        content = Content(draft.text, _facts(draft), assessment.to_json())
        sealed = seal_message(scene.head, "reporter", content, recipients)
        walled = scene.before.walled or route == routing.ADULT_AT_SCHOOL
        return Ready(draft, scene, assessment, teams, sealed, walled)

    def _keep(self, ready: Ready, session: Session) -> tuple[int, bool]:
        """The moment in which it is stored, and whether a page calls for it now."""
        now = self._check_directory(session, ready.scene.directory)
        case = self._store(session, now, ready)
        return now, self._page(session, now, ready, case)

    def _store(self, session: Session, now: int, ready: Ready) -> Case:
        draft, scene = ready.draft, ready.scene
        at, minute, days = scene.head.report_id, minute_of(now), self._deps.retention_days
        mark = wall.mark(self._deps.wall_key, scene.head, walled=ready.walled)
        teams = set(ready.teams) - set(scene.before.teams)
        if scene.joined is None:
            case, report = store.begin(draft, at, now, ready.assessment, days, mark)
            threads.begin(session, ready.sealed, minute, report, teams, _event(now, ready, case))
        else:
            case = store.touch(session, draft, at, now, ready.assessment, days, mark)
            threads.append(session, ready.sealed, minute, teams, _event(now, ready, case))
        draft.origin.keep(session, now, case, ready.assessment)
        return case

    def _page(self, session: Session, now: int, ready: Ready, case: Case) -> bool:
        """Whether a page calls for the case now, so that somebody is to be woken."""
        if not ready.pages:
            return False
        wanted = self._deps.paging.danger_answers
        call = rubric.call_for(ready.scene.directory, ready.assessment, ready.teams, wanted)
        request = PageRequest(
            school=case.school,
            subject=case.id,
            reference=case.reference,
            urgency=ready.assessment.urgency.value,
            wakes=ready.assessment.wakes,
            teams=ready.teams,
            kind="drill" if ready.draft.drill else "report",
            zone=ready.draft.school.zone,
            covered=ready.draft.school.covered(now),
            together=call.together,
            acks=call.acks,
            ack_team=call.ack_team,
            first=ready.scene.joined is None,
        )
        return open_page(session, now, request, self._deps.paging) is not None


def _facts(draft: Draft) -> dict[str, str]:
    facts = dict(draft.facts)
    if draft.locale:
        facts["locale"] = draft.locale
    if draft.adult_concern:
        facts["adult_concern"] = "yes"
    return facts


def _event(now: int, ready: Ready, case: Case) -> Row:
    verb = "message_filed" if ready.scene.joined else "report_filed"
    facts = {"channel": ready.draft.origin.channel, "urgency": ready.assessment.urgency.value}
    return audit.event(now, "reporter", verb, case.pseudonym, facts)


def _answer(draft: Draft, scene: Scene, assessment: Assessment, teams: tuple[str, ...], now: int) -> Filed:
    return Filed(
        now=now,
        receipt=draft.origin.receipt,
        assessment=assessment,
        roles=routing.roles(scene.directory, teams),
        first=scene.joined is None,
        again=scene.joined is not None and scene.joined.again,
    )
