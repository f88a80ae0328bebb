"""Somebody gets a way to be reached while a page calls them: it is tried now, not with the next step."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import codes, escalation, holding, roster
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
    return sum(_try(session, now, page, one) for one, page in _calling(session, list(methods)))


def _calling(session: Session, methods: Sequence[ContactMethod]) -> Iterator[tuple[ContactMethod, Page]]:
    """Each of ``methods`` with each page that calls its person."""
    asked = Attempt.responder_id.in_([one.responder_id for one in methods]) & (Attempt.kind == "page")
    pages = holding.hold(session, Page.id.in_(select(Attempt.page_id).where(asked)), Page.state == "open")
    rows = session.execute(select(Attempt.page_id, Attempt.responder_id).where(asked))
    called = {(row.page_id, row.responder_id) for row in rows}
    for one in methods:
        yield from ((one, page) for page in pages if (page.id, one.responder_id) in called)


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
