"""A colleague takes a case over unasked, because whoever has it is away. Both are told, and it is audited."""

import json

from sqlalchemy.orm import Session

from notify import handover, people, plans, trail
from notify.answers import MayOpen
from notify.tables import Page
from vault import audit


def owner_is_away(session: Session, now: int, owner: str) -> bool:
    """Whether the roster says that the member ``owner`` is absent now."""
    return plans.is_away(session, now, people.responder_of(session, owner))


def take_over(session: Session, now: int, directory: MayOpen, page: Page, owner: str, member_id: str) -> bool:
    """Whether ``member_id`` has by this what ``owner`` had of the case of ``page``, as far as they open it.

    False when it is ``owner``'s no longer: somebody was faster, or it calls again.
    """
    held = handover.held_by(session, page.subject, owner)
    asked = handover.pending(session, now, page.subject)
    mine = [one for one in held if directory.may_open(member_id, json.loads(one.teams))]
    if owner == member_id or page.id not in {one.id for one in mine}:
        return False
    handover.end(session, asked, "replaced")
    for one in mine:
        handover.give(session, now, one, member_id)
    session.flush()
    handover.tell(session, now, page, "taken", owner)
    for person in {member_id, *(one.taker for one in asked)}:
        handover.tell(session, now, page, "told", person)
    away = "yes" if owner_is_away(session, now, owner) else "no"
    actor = f"member:{member_id}"
    each = [(one.id, {"owner": owner, "away": away}) for one in mine]
    audit.record_each(session, now, actor=actor, verb=trail.TAKEN_OVER, each=each)
    return True
