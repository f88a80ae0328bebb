"""The pager's part of break-glass: for a request that two signed, a number is sealed to the one who asked."""

import logging
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from notify.letters import ADDRESS
from notify.tables import Page
from vault import audit, number_requests
from vault.clock import Clock
from vault.database import Database
from vault.directory import DirectoryReader
from vault.errors import CannotOpenError
from vault.number_requests import VALID_MS, Asked
from vault.tables import NumberRequest, Report

log = logging.getLogger("wiring.numbers")


class Here(Protocol):
    """What this needs of the pager's here."""

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def directory(self) -> DirectoryReader: ...

    @property
    def install(self) -> str: ...


def reveal_granted(here: Here, open_sealed: Callable[[str, bytes], bytes]) -> int:
    """Serve every request that is granted and not served yet; forget what ran out. How many were served."""
    with here.database.writing() as session:
        now, directory = here.clock.now(session), here.directory.current(session)
        _forget(session, now)
        waiting = select(NumberRequest).where(
            NumberRequest.approval.is_not(None), NumberRequest.sealed_number != b""
        )
        served = 0
        for row in session.scalars(waiting.with_for_update(skip_locked=True)).all():
            asked = Asked(here.install, session.get_one(Report, row.report_id), row)
            taken = _is_acknowledged(session, row.report_id)
            if number_requests.is_granted(session, now, directory, asked, acknowledged=taken):
                served += _serve(session, now, here, asked, open_sealed)
        return served


def _serve(
    session: Session, now: int, here: Here, asked: Asked, open_sealed: Callable[[str, bytes], bytes]
) -> bool:
    try:
        number = open_sealed(ADDRESS, asked.row.sealed_number)
    except CannotOpenError:
        log.error("a number does not open", extra={"request": asked.row.id})  # noqa: TRY400 - no traceback of keys
        return False
    number_requests.reveal_to(here.directory.current(session), asked, number)
    audit.record(session, now, actor="pager", verb="number_resealed", pseudonym=asked.report.pseudonym)
    return True


def _forget(session: Session, now: int) -> None:
    """After an hour nothing of a request can be opened by anybody any more."""
    late = select(NumberRequest).where(NumberRequest.created_at <= now - VALID_MS)
    sealed = (NumberRequest.sealed_number != b"") | NumberRequest.sealed_view.is_not(None)
    for row in session.scalars(late.where(sealed)).all():
        row.sealed_number, row.sealed_view = b"", None


def _is_acknowledged(session: Session, report_id: str) -> bool:
    taken = exists().where(Page.subject == report_id, Page.acknowledged_at.is_not(None))
    return bool(session.scalar(select(taken)))
