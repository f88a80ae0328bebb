"""Somebody gets a way to be reached while a page calls them: it is tried now, not with the next step."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import codes, escalation, roster
from notify.channels import TEXT
from notify.duty_tables import ContactMethod
from notify.tables import Attempt, Page
from notify.tries import tries_by
from notify.ways import ways_of


def try_now(session: Session, now: int, methods: Iterable[ContactMethod]) -> int:
    """Try each new or changed way of ``methods`` for the open pages that call its person; how many are tried.

    Only a way by which the last step would have called them: one that nobody has verified stands back
    here as it does there, while its person has another telephone.
    """
    return sum(_try(session, now, page, one) for one in methods for page in _calling(session, one))


def _calling(session: Session, method: ContactMethod) -> list[Page]:
    asked = (Attempt.responder_id == method.responder_id) & (Attempt.kind == "page")
    pages = select(Attempt.page_id).where(asked)
    held = select(Page).where(Page.id.in_(pages), Page.state == "open").order_by(Page.id)
    return list(session.scalars(held.with_for_update()))


def _try(session: Session, now: int, page: Page, method: ContactMethod) -> bool:
    policy, person = escalation.policy_of(page.snapshot), method.responder_id
    resting = escalation.quiet_until(policy.quiet, now) is not None
    if resting or person in roster.answered_by(session, page):
        return False
    own = roster.methods_of(session, [person]).get(person, ())
    channels = escalation.next_step(policy, max(page.step - 1, 0)).channels
    mine = [way for way in ways_of(own, channels, now) if way.method.id == method.id]
    if mine and method.channel == TEXT:
        codes.ensure(session, now, page, [method])
    # What waited for the old address goes to the new one, as soon as all else does.
    waits = (Attempt.page_id == page.id) & (Attempt.method_id == method.id) & (Attempt.state == "due")
    session.execute(update(Attempt).where(waits).values(due_at=now, tries=0))
    tries_by(session, now, page, mine).add(session)
    return bool(mine)
