"""Once a second: deadlines become steps, leases that ran out become due again. Rows are the only memory."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select, text
from sqlalchemy.exc import InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.orm import Session

from notify import answers, escalation, leases, paging, states, trail
from notify.tables import Page
from vault import audit

BATCH = 100
# Or full, or held by another: that is no page's fault, and the next sweep does all of it.
# The last: it went within a savepoint, which is told when the next statement is tried.
DATABASE_IS_AWAY = (OperationalError, InterfaceError, PendingRollbackError)
_logger = logging.getLogger("tipline.sweep")
_UNKNOWN = text(states.unknown("page.state", states.PAGE))


@dataclass(frozen=True)
class Swept:
    """What a sweep found. ``unreachable``: pages for which no person of their teams could be tried.

    Among them those whose step broke off; their deadline stays, so that it is tried again and watched.
    """

    fired: int
    unreachable: int


def idle(session: Session, now: int) -> bool:
    """Whether a sweep would find nothing: read without locking anybody out."""
    return session.scalar(_late(now).limit(1)) is None and not leases.has_expired(session, now)


def sweep(session: Session, now: int) -> Swept:
    """Fire the steps that are due (a hundred at most) and release the leases that ran out."""
    leases.release_expired(session, now)
    late = _late(now).order_by(Page.rank, Page.next_at).limit(BATCH).with_for_update(skip_locked=True)
    pages: list[Page] = list(session.scalars(late))
    tried = _fire_all(session, now, pages)
    return Swept(len(pages), tried.count(0))


def _late(now: int) -> Select[Page]:
    # An acknowledged page has a deadline until somebody opens its case; so may one of a later release.
    return select(Page).where(or_(Page.state.in_(("open", "acknowledged")), _UNKNOWN), Page.next_at <= now)


def _fire_all(session: Session, now: int, pages: Sequence[Page]) -> list[int | None]:
    """All in one go; one by one only when one of them breaks off, as that takes half as long again."""
    try:
        with session.begin_nested():
            return [_fire(session, now, page) for page in pages]
    except DATABASE_IS_AWAY:
        raise
    except Exception:  # noqa: BLE001 - it is said of whichever breaks off again
        return [_fire_alone(session, now, page) for page in pages]


def _fire_alone(session: Session, now: int, page: Page) -> int | None:
    """One page that cannot go on must not silence the others."""
    try:
        with session.begin_nested():
            return _fire(session, now, page)
    except DATABASE_IS_AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - as the docstring says, whatever it was
        _logger.error("a step broke off: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content
        return 0


def _fire(session: Session, now: int, page: Page) -> int | None:
    if page.state != "open":
        policy = escalation.policy_of(page.snapshot)
        page.state = "open"
        page.step = escalation.resume_at(policy, page.step)
        if policy.acks > 1:
            answers.forget(session, page)
        audit.record(session, now, actor=trail.PAGER, verb=trail.REOPENED, pseudonym=page.id)
    return paging.fire(session, now, page)
