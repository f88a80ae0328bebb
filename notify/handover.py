"""A case changes hands: whoever has it offers it, and goes on having it until a colleague says yes.

The colleague answers by text, with the digits that their phone has for the page, in a call, or in casework.
Without an answer in time, or after a no, everything is as it was, and the owner hears so.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from notify import answers, escalation, holding, paging, people, told, trail
from notify.answers import MayOpen
from notify.escalation import Occasion
from notify.paging import PageRequest
from notify.settings import PagingSettings, milliseconds
from notify.tables import Attempt, Handover, Page
from vault import audit
from vault.ids import new_id

OFFERED = "offered"


@dataclass(frozen=True)
class Offer:
    """``giver`` has the case ``subject`` and offers it to ``taker`` (both member ids) until ``ends_at``.

    ``teams``: those that its page calls; nobody else need know of it.
    """

    page_id: str
    subject: str
    reference: str
    urgency: str
    teams: frozenset[str]
    giver: str
    taker: str
    ends_at: int


def owned(session: Session, subject: str, teams: Collection[str]) -> Page | None:
    """The page by which somebody has the case, of those that call one of ``teams``; None: nobody has it."""
    taken = select(Page).where(Page.subject == subject, Page.state == "acknowledged")
    pages = session.scalars(taken.order_by(Page.acknowledged_at.desc()))
    return next((page for page in pages if not set(json.loads(page.teams)).isdisjoint(teams)), None)


def own(session: Session, now: int, request: PageRequest, member_id: str, settings: PagingSettings) -> Page:
    """Give ``member_id``, who has it open, a case that paged nobody: a page that was answered as it began."""
    policy = escalation.policy_for(settings, Occasion(request.urgency, request.teams), None)
    page = paging.page_of(now, request, policy)
    page.state, page.step, page.next_at = "acknowledged", 1, None
    page.acknowledged_by, page.acknowledged_at = member_id, now
    page.seen_by, page.seen_at = member_id, now
    session.add(page)
    session.flush()
    facts = {"urgency": page.urgency, "kind": page.kind}
    audit.record(session, now, actor=trail.PAGER, verb=trail.OPENED, pseudonym=page.id, **facts)
    actor, through = f"member:{member_id}", trail.BY_CASEWORK
    audit.record(session, now, actor=actor, verb=trail.TAKEN, pseudonym=page.id, through=through)
    return page


def offer(session: Session, now: int, page: Page, taker: str, settings: PagingSettings) -> None:
    """Offer the case that ``page`` gave to its owner; an earlier offer of it ends. Who may: the caller."""
    giver = page.acknowledged_by or ""
    # Whoever else draws digits for it now does so before or after.
    holding.hold(session, Page.subject == page.subject)
    end(session, pending(session, now, page.subject), "replaced")
    row = Handover(
        id=new_id(),
        page_id=page.id,
        from_member=giver,
        to_member=taker,
        state=OFFERED,
        offered_at=now,
        ends_at=now + milliseconds(settings.handover_s),
    )
    session.add(row)
    told.ask(session, now, page, people.responder_of(session, taker))
    actor = f"member:{giver}"
    audit.record(session, now, actor=actor, verb=trail.OFFERED, pseudonym=page.id, to=taker)


def pending(session: Session, now: int, subject: str = "", taker: str = "", giver: str = "") -> list[Offer]:
    """The offers that still count: of one ``subject``, to one ``taker`` or of one ``giver``, if given."""
    found = _counting(now)
    if giver:
        found = found.where(Handover.from_member == giver)
    if subject:
        found = found.where(Page.subject == subject)
    if taker:
        found = found.where(Handover.to_member == taker)
    return [_offer(row, page) for row, page in session.execute(found).all()]


def accept(session: Session, now: int, directory: MayOpen, page_id: str, member_id: str) -> bool:
    """Whether ``member_id`` has by this what was offered to them under ``page_id``.

    What the owner has of the case goes to them, as far as they can open it; its reading is awaited anew.
    """
    found = _answer(session, now, page_id, member_id, "accepted")
    if found is None:
        return False
    held = held_by(session, found.subject, found.giver)
    given = [one for one in held if directory.may_open(member_id, json.loads(one.teams))]
    if page_id not in {one.id for one in given}:  # it calls again since this moment
        return False
    for one in given:
        give(session, now, one, member_id)
    session.flush()
    tell(session, now, session.get_one(Page, page_id), "told", found.giver)
    for one in given:
        audit.record(session, now, actor=f"member:{member_id}", verb=trail.ACCEPTED, pseudonym=one.id)
    return True


def decline(session: Session, now: int, page_id: str, member_id: str) -> bool:
    """Whether ``member_id`` has by this said no to what was offered to them under ``page_id``."""
    found = _answer(session, now, page_id, member_id, "declined")
    if found is None:
        return False
    tell(session, now, session.get_one(Page, page_id), "kept", found.giver)
    actor = f"member:{member_id}"
    audit.record(session, now, actor=actor, verb=trail.DECLINED, pseudonym=page_id)
    return True


def withdraw(session: Session, now: int, page_id: str, member_id: str) -> bool:
    """Whether ``member_id`` by this keeps what they had offered; the colleague who was asked hears so."""
    _hold(session, page_id)
    found = [one for one in pending(session, now, giver=member_id) if one.page_id == page_id]
    if not end(session, found, "withdrawn"):
        return False
    page = session.get_one(Page, page_id)
    for one in found:
        if told.reached(session, page_id, "offer", people.responder_of(session, one.taker)):
            tell(session, now, page, "withdrawn", one.taker)
    audit.record(session, now, actor=f"member:{member_id}", verb=trail.WITHDRAWN, pseudonym=page_id)
    return True


def asks(session: Session, now: int, attempt: Attempt) -> bool:
    """Whether what ``attempt`` offers can still be accepted."""
    rows = session.execute(_counting(now).where(Page.id == attempt.page_id)).all()
    return attempt.responder_id in [people.responder_of(session, row.to_member) for row, _ in rows]


def held_by(session: Session, subject: str, owner: str) -> list[Page]:
    """The pages of ``subject`` that ``owner`` has; all of its pages are locked, and with them its offers."""
    pages = holding.hold(session, Page.subject == subject)
    return [one for one in pages if one.state == "acknowledged" and one.acknowledged_by == owner]


def expire(session: Session, now: int) -> int:
    """End the offers that nobody answered in time, and tell their owners; how many.

    One whose page somebody holds may be answered just now: it is looked at in the next round.
    """
    late = (Handover.state == OFFERED) & (Handover.ends_at <= now)
    theirs = select(Page.id).where(Page.id.in_(select(Handover.page_id).where(late)))
    held = session.scalars(theirs.with_for_update(skip_locked=True)).all()
    rows = session.scalars(select(Handover).where(late, Handover.page_id.in_(held))).all()
    for row in rows:
        row.state = "expired"
        page = session.get_one(Page, row.page_id)
        _cancel(session, row.page_id, row.to_member)
        if page.state == "acknowledged" and page.acknowledged_by == row.from_member:
            tell(session, now, page, "kept", row.from_member)
        audit.record(session, now, actor=trail.PAGER, verb=trail.EXPIRED, pseudonym=row.page_id)
    return len(rows)


def _offer(row: Handover, page: Page) -> Offer:
    return Offer(
        page_id=page.id,
        subject=page.subject,
        reference=page.reference,
        urgency=page.urgency,
        teams=frozenset(json.loads(page.teams)),
        giver=row.from_member,
        taker=row.to_member,
        ends_at=row.ends_at,
    )


def _counting(now: int) -> Select[Handover, Page]:
    """Not one whose giver has lost the case: it was called for again, or a colleague has it already."""
    still_theirs = (Page.state == "acknowledged") & (Page.acknowledged_by == Handover.from_member)
    offered = (Handover.state == OFFERED) & (Handover.ends_at > now)
    both = select(Handover, Page).join(Page, Page.id == Handover.page_id).where(offered, still_theirs)
    return both.order_by(Handover.id)


def _answer(session: Session, now: int, page_id: str, member_id: str, state: str) -> Offer | None:
    """The offer that this answers, which has ended by it; of two answers the first one counts."""
    _hold(session, page_id)
    found = next((one for one in pending(session, now, taker=member_id) if one.page_id == page_id), None)
    return found if found and end(session, [found], state) else None


def _hold(session: Session, page_id: str) -> None:
    """Lock the pages of a case by any of them."""
    subject = select(Page.subject).where(Page.id == page_id).scalar_subquery()
    holding.hold(session, Page.subject == subject)


def end(session: Session, offers: Collection[Offer], state: str) -> bool:
    """Whether any of ``offers`` ended by this: of several who end one, the first does.

    The caller holds the pages of their cases.
    """
    ended = False
    for one in offers:
        row = (Handover.page_id == one.page_id) & (Handover.to_member == one.taker)
        this = update(Handover).where(row, Handover.state == OFFERED).values(state=state)
        ended = session.scalar(this.returning(Handover.id)) is not None or ended
        _cancel(session, one.page_id, one.taker)
    return ended


def _cancel(session: Session, page_id: str, taker: str) -> None:
    """What asks them and has not left yet."""
    asks = (Attempt.page_id == page_id) & (Attempt.kind == "offer") & (Attempt.state == "due")
    theirs = Attempt.responder_id == people.responder_of(session, taker)
    session.execute(update(Attempt).where(asks, theirs).values(state="cancelled"))


def give(session: Session, now: int, page: Page, member_id: str) -> None:
    """``page``, which somebody has, is ``member_id``'s; whether they open it is awaited anew."""
    policy = escalation.policy_of(page.snapshot)
    if policy.acks > 1:
        answers.pass_on(session, now, page, member_id)
    page.acknowledged_by, page.seen_at, page.seen_by = member_id, None, None
    # What pages nobody when it comes calls nobody when it changes hands.
    called = page.rank <= escalation.RANKS["urgent"]
    unopened = escalation.unopened_after_ms(policy)
    page.next_at = now + unopened if called else None


def tell(session: Session, now: int, page: Page, kind: str, member_id: str) -> None:
    """Say ``kind`` (as ``notify.words`` has it) to a member, where they read what nobody is called for."""
    told.tell(session, now, page, kind, told.ways(session, {people.responder_of(session, member_id)}))
