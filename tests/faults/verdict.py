"""What became of the messages: rows, sends and moments, counted after the last process was restarted."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notify.tables import Attempt, Page
from reporting.receipt import Receipt, lookup_id
from tests.faults.carrier import Taken
from tests.faults.filing import Received
from tests.faults.site import Site
from tests.waiting import eventually
from vault.tables import Message, Report

LATE_MS = 5_000
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``lost``: received without row or page, or pages with neither a send nor a live deadline.

    ``duplicates``: texts beyond one to a phone for the same page, step and code.
    ``worst_first_send_s``: from the answer, or the last restart before it, to a page's first send. A restart
    is over when the process says that it works.
    """

    setup: str
    reports: int
    pages: int
    lost: int
    duplicates: int
    worst_first_send_s: float

    def to_json(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen from outside. ``until_ms``: when the carrier was looked at last."""

    received: Sequence[Received]
    taken: Sequence[Taken]
    restarts: Sequence[int]
    until_ms: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What the install has. ``reports``: lookup id to report; ``attempts``: by id; ``pages``: by id."""

    reports: Mapping[str, str]
    attempts: Mapping[str, Attempt]
    pages: Mapping[str, Page]


def read_rows(site: Site) -> Rows:
    """Once more if the database broke off: on a crowded machine it may take us for a client that froze."""
    read: list[Rows] = []

    def tried() -> bool:
        with suppress(SQLAlchemyError), site.rows() as database, database.reading() as session:
            read.append(Rows(_reports(session), *_paging(session)))
        return bool(read)

    eventually(tried, PATIENCE_S)
    return read[0]


def paged(rows: Rows, taken: Sequence[Taken]) -> set[str]:
    """Ids of the pages for which the carrier took anything."""
    attempts = (rows.attempts.get(one.attempt) for one in taken)
    return {one.page_id for one in attempts if one is not None and one.page_id is not None}


def judge(setup: str, pepper: bytes, rows: Rows, evidence: Evidence) -> Verdict:
    """Hold ``evidence`` against ``rows``."""
    return Verdict(
        setup=setup,
        reports=len(evidence.received),
        pages=len(rows.pages),
        lost=_unfiled(pepper, rows, evidence.received) + _unsent(rows, evidence),
        duplicates=_duplicates(rows, evidence.taken),
        worst_first_send_s=round(_worst(pepper, rows, evidence) / 1000, 3),
    )


def _reports(session: Session) -> dict[str, str]:
    first = select(Report.lookup_id, Report.id).join(Message, Message.report_id == Report.id)
    return {lookup: found for lookup, found in session.execute(first.where(Message.seq == 0)) if lookup}


def _paging(session: Session) -> tuple[dict[str, Attempt], dict[str, Page]]:
    attempts = session.scalars(select(Attempt).where(Attempt.kind == "page"))
    return {one.id: one for one in attempts}, {one.id: one for one in session.scalars(select(Page))}


def _unfiled(pepper: bytes, rows: Rows, received: Sequence[Received]) -> int:
    subjects = {page.subject for page in rows.pages.values()}
    reports = [(_report(pepper, rows, one), one.immediate) for one in received]
    return sum(not report or (immediate and report not in subjects) for report, immediate in reports)


def _report(pepper: bytes, rows: Rows, one: Received) -> str | None:
    receipt = Receipt.read(one.receipt)
    return rows.reports.get(lookup_id(pepper, receipt)) if receipt else None


def _unsent(rows: Rows, evidence: Evidence) -> int:
    sent = paged(rows, evidence.taken)
    return sum(
        id_ not in sent and (page.next_at or 0) < evidence.until_ms - LATE_MS
        for id_, page in rows.pages.items()
    )


def _duplicates(rows: Rows, taken: Sequence[Taken]) -> int:
    """The text holds reference and code; its attempt has the page and the step. Other texts are no pages."""
    of_pages = [one for one in taken if one.text and one.attempt in rows.attempts]
    texts = [(one.to, one.text, rows.attempts[one.attempt]) for one in of_pages]
    counts = Counter((to, text, attempt.page_id, attempt.step) for to, text, attempt in texts)
    return sum(count - 1 for count in counts.values())


def _worst(pepper: bytes, rows: Rows, evidence: Evidence) -> int:
    answered = {_report(pepper, rows, one): one.at_ms for one in evidence.received}
    first = _first_sends(rows, evidence.taken)
    waits = [0]
    for page in rows.pages.values():
        sent = first.get(page.id, evidence.until_ms)
        affecting = [at for at in evidence.restarts if page.opened_at <= at <= sent]
        # A page may be sent before its answer arrived: then nobody waited.
        waits.append(sent - max([answered.get(page.subject, page.opened_at), *affecting]))
    return max(waits)


def _first_sends(rows: Rows, taken: Sequence[Taken]) -> dict[str, int]:
    sends = sorted(
        (rows.attempts[one.attempt].page_id or "", one.at_ms) for one in taken if one.attempt in rows.attempts
    )
    return {page: next(group)[1] for page, group in groupby(sends, key=lambda send: send[0])}
