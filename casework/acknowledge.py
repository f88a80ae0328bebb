"""The button "I have it": the same act as the digits on a phone, by somebody who is signed in."""

from functools import partial
from typing import Final

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import cases
from casework.errors import NoSuchCaseError
from casework.render import see_other
from casework.visit import Visit
from notify import acknowledge
from notify.acknowledge import Result
from notify.drills import SELF_TEST
from notify.tables import Page

_TAKEN: Final = frozenset({"acknowledged", "one_more", "already"})
_NOTICES: Final = {kind: kind for kind in (*_TAKEN, "not_yours", "cannot_open", "not_called")}


def submit(visit: Visit, page_id: str) -> ResponseReturnValue:
    """Acknowledge, then go on to the case: having it means reading it."""
    kind, result = visit.deps.database.insist(partial(_take, visit, page_id))
    visit.deps.waker.wake()
    notice = (
        "weekly_test" if kind == SELF_TEST and result.kind in _TAKEN else _NOTICES.get(result.kind, "over")
    )
    if result.kind in _TAKEN and result.reference and _is_case(visit, result.reference):
        return see_other(f"/case/{result.reference}?notice={notice}")
    return see_other(f"/?notice={notice}")


def _take(visit: Visit, page_id: str, session: Session) -> tuple[str, Result]:
    """The page's kind, and what came of the press."""
    kind = session.scalar(select(Page.kind).where(Page.id == page_id))
    if kind is None:
        raise NoSuchCaseError("no such page")
    return kind, acknowledge.by_member(session, visit.now, visit.directory, page_id, visit.member.id)


def _is_case(visit: Visit, reference: str) -> bool:
    """The page of a weekly test has no case behind it."""
    try:
        with visit.deps.database.reading() as session:
            cases.find(session, visit, reference)
    except NoSuchCaseError:
        return False
    return True
