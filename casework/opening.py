"""Opening a case: unsealing its thread, and saying so to the page and the audit before anything is shown.

``look`` alone is for deciding; whoever shows the thread to a person notes it with ``note_opened``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casework import cases, thread, walls
from casework.calls import owners
from casework.cases import Case
from casework.thread import Entry
from casework.visit import Visit
from casework.why import highest
from notify import paging
from vault import audit, case_routes, threads
from vault.tables import Message, Report, Texter
from vault.threads import ThreadHead, ThreadItem

SAFE_FACT: Final = "safe_to_write_back"


@dataclass(frozen=True)
class OpenedCase:
    """``urgency`` is the highest of all bands sealed in the thread. ``phone``: none, texts or stopped.

    ``head`` is the place of the next message, ``items`` what the vault said of the thread; ``owner`` is
    the name of who acknowledged last, or empty. ``routed``: teams that members signed it over to, by member.
    """

    case: Case
    items: tuple[ThreadItem, ...] = field(repr=False)
    entries: tuple[Entry, ...]
    urgency: str
    owner: str
    phone: str
    head: ThreadHead
    routed: Mapping[str, str]

    @property
    def seen(self) -> int:
        """How many places the thread had when this member looked."""
        return self.head.seq

    @property
    def report(self) -> Report:
        return self.case.report

    @property
    def answered(self) -> bool:
        """Whether the reporter has heard from a member yet."""
        return any(entry.author == "member" and not entry.facts for entry in self.entries)

    @property
    def wishes(self) -> Mapping[str, str]:
        """What the reporter last said about being written to; empty when they said nothing."""
        said = (entry.facts for entry in reversed(self.entries) if entry.author == "reporter")
        return next((facts for facts in said if SAFE_FACT in facts), {})


def look(visit: Visit, reference: str) -> OpenedCase:
    """The case with its thread in clear, for this member alone.

    Raises:
        NoSuchCaseError: there is none, or it is not theirs to open.
    """
    openers = visit.openers()
    with visit.deps.database.reading() as session:
        case = cases.find(session, visit, reference)
        found = threads.open_thread(session, visit.deps.install, case.report.id, openers, visit.directory)
        items = walls.visible(session, visit, found)
        zone = visit.deps.zone_of(case.report.school)
        entries = thread.entries(session, visit, zone, items)
        head = threads.head(session, visit.deps.install, case.report.id)
        owner = owners(session, visit, [case.report.id]).get(case.report.id, "")
        phone = phone_of(session, case.report.id)
        routed = case_routes.of_case(session, visit.directory, case.report.school, case.report.id)
    return OpenedCase(
        case=case,
        items=items,
        entries=entries,
        urgency=highest(case.report.urgency, (entry.why for entry in entries)),
        owner=owner,
        phone=phone,
        head=head,
        routed=routed,
    )


def phone_of(session: Session, report_id: str) -> str:
    """``texts`` when the reporter wrote from a phone, ``stopped`` if they sent STOP since, else ``none``."""
    stopped = session.scalar(select(Texter.stopped).where(Texter.report_id == report_id).limit(1))
    if stopped is None:
        return "none"
    return "stopped" if stopped else "texts"


def note_opened(visit: Visit, opened: OpenedCase) -> None:
    """Say that this member reads the case now: to the audit, to its pages and to its read deadline."""
    visit.deps.database.insist(partial(_note, visit, opened))


def _note(visit: Visit, opened: OpenedCase, session: Session) -> None:
    report = opened.report
    row = update(Report).where(Report.id == report.id)
    if _is_read(opened, 0):
        session.execute(row.where(Report.status == "new").values(status="open"))
    if _is_read(opened, _newest(session, report.id)):
        row = row.where(Report.status != "new")
        session.execute(row.values(read_deadline=None))
    paging.subject_opened(session, visit.now, report.id, visit.member.id, visit.teams)
    audit.record(session, visit.now, actor=visit.actor, verb="case_opened", pseudonym=report.pseudonym)


def _newest(session: Session, report_id: str) -> int | None:
    """The place of the reporter's last message. What members wrote waits for no reader."""
    written = (Message.report_id == report_id) & (Message.author == "reporter")
    return session.scalar(select(func.max(Message.seq)).where(written))


def _is_read(opened: OpenedCase, seq: int | None) -> bool:
    """Whether the message at ``seq`` is in view: one that this member cannot open waits for its reader."""
    return any(item.seq == seq and item.state != "closed" for item in opened.items)
