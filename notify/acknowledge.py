"""Somebody says "I have it": by text, by pressing a digit, or in the open case.

One conditional update decides who was first; everything else follows from it in the same transaction.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import answers, drills, escalation, handover, holding, people, pins, told, trail
from notify.answers import MayOpen
from notify.channels import CALL
from notify.drills import SELF_TEST
from notify.duty_tables import ContactMethod, Responder
from notify.tables import Attempt, Page, PageCode
from vault import audit

YES = "1"
RECENT_MS = 30 * 60 * 1000
_CODE = re.compile(r"(?<!\d)\d{4,6}(?!\d)")


@dataclass(frozen=True)
class Result:
    """What came of it; ``kind``: acknowledged, one_more, already, tested, which, cannot_open, not_yours.

    Or not_called, unknown_code, unknown_phone. Of ``notify.replies`` also who, nobody, passed, everybody,
    declined, nothing, kept, no_offer, not_away or help; of ``notify.incoming`` started. ``by_name`` has the
    case ``reference``; ``locale`` is that of the person who is answered. ``others``: what became of further
    codes in the same text. ``on_call``: teams, each with its people. ``pin``: in a call it takes theirs.
    """

    kind: str
    by_name: str | None = None
    reference: str | None = None
    locale: str = "en"
    others: tuple["Result", ...] = ()
    on_call: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pin: bool = False


def by_text(session: Session, now: int, directory: MayOpen, from_key: str, body: str) -> Result:
    """Take a text from the phone ``from_key``: it acknowledges only what was in a text sent to that phone.

    Several codes are taken one by one, each for its own page.
    A bare ``1`` will do while exactly one open page was texted there in the last half hour.
    """
    codes = _CODE.findall(body)
    known = sent_to(session, from_key, codes) if codes else []
    sent = known[0] if known else None
    if sent is None and body.strip() == YES:
        recent = _recent(session, now, from_key)
        if len(recent) > 1:
            return Result("which", locale=_locale(session, recent[0].responder_id))
        sent = recent[0] if recent else None
    if sent is None:
        return _refuse(session, now, from_key, codes)
    if len(known) > 1:
        hold(session, known)
    first, *others = [
        _by_responder(session, now, directory, (one.page_id, one.responder_id), trail.BY_TEXT)
        for one in known or [sent]
    ]
    return replace(first, others=tuple(others))


def hold(session: Session, sent: Sequence[PageCode]) -> None:
    """Lock the cases that ``sent`` is of, all at once: one after another might wait for who waits for it."""
    theirs = select(Page.subject).where(Page.id.in_([one.page_id for one in sent]))
    holding.hold(session, Page.subject.in_(theirs))


def by_digits(
    session: Session, now: int, directory: MayOpen, attempt_id: str, digits: str, secret: bytes
) -> Result:
    """Take the digits pressed in the call ``attempt_id``: ``1``, or the PIN of who has one.

    ``secret``: the responder-number key. Nothing else acknowledges; a machine that picks up presses nothing.
    """
    attempt = session.get(Attempt, attempt_id)
    called = attempt is not None and attempt.channel == CALL and attempt.tries > 0
    if attempt is None or not called or attempt.page_id is None or attempt.responder_id is None:
        return Result("unknown_code")
    responder = session.get_one(Responder, attempt.responder_id)
    kept = responder.pin_key
    if not (pins.fits(secret, responder.id, kept, digits) if kept else digits == YES):
        if kept and digits:
            actor = f"responder:{responder.id}"
            audit.record(
                session, now, actor=actor, verb=trail.REFUSED, pseudonym=attempt.page_id, why="wrong_pin"
            )
        return Result("unknown_code", locale=responder.locale, pin=bool(kept))
    return _by_responder(session, now, directory, (attempt.page_id, attempt.responder_id), trail.BY_CALL)


def by_member(session: Session, now: int, directory: MayOpen, page_id: str, member_id: str) -> Result:
    """Take the press of a signed-in member who has the case open; of a weekly test, only of whom it calls."""
    page = session.get_one(Page, page_id)
    if page.kind == SELF_TEST and not session.scalar(select(drills.calls(page_id, member_id))):
        return Result("not_called", reference=page.reference)
    result = _take(session, now, directory, page, member_id, trail.BY_CASEWORK)
    if result.kind == "acknowledged":
        session.execute(
            update(Page).where(Page.id == page_id).values(seen_at=now, seen_by=member_id, next_at=None)
        )
    return result


def _by_responder(
    session: Session, now: int, directory: MayOpen, sent_to: tuple[str, str], through: str
) -> Result:
    """``sent_to``: the ids of the page and of the responder whom it was sent to."""
    page = session.get_one(Page, sent_to[0])
    responder = session.get_one(Responder, sent_to[1])
    result = _take(session, now, directory, page, responder.member_id, through)
    if page.kind == SELF_TEST and result.kind in {"acknowledged", "already"}:
        return Result("tested", locale=responder.locale)
    return Result(result.kind, result.by_name, result.reference, responder.locale)


def _take(session: Session, now: int, directory: MayOpen, page: Page, member_id: str, through: str) -> Result:
    actor = f"member:{member_id}"
    teams: list[str] = json.loads(page.teams)
    if not directory.may_open(member_id, teams):
        audit.record(session, now, actor=actor, verb=trail.REFUSED, pseudonym=page.id, why="cannot_open")
        return Result("cannot_open", reference=page.reference)
    holding.hold(session, Page.subject == page.subject)
    if page.state == "acknowledged" and handover.accept(session, now, directory, page.id, member_id):
        return Result("acknowledged", people.name_of(session, member_id), page.reference)
    owner = _owner(session, now, directory, page, member_id)
    if owner is None:
        audit.record(session, now, actor=actor, verb=trail.ANSWERED, pseudonym=page.id, through=through)
        return Result("one_more", people.name_of(session, member_id), page.reference)
    won = _win(session, now, directory, page, owner)
    if not won:
        return Result("already", people.name_of(session, page.acknowledged_by), page.reference)
    for page_id in won:
        audit.record(session, now, actor=actor, verb=trail.TAKEN, pseudonym=page_id, through=through)
    told.stand_down(session, now, page, won, member_id)
    kind = "acknowledged" if owner == member_id else "already"
    return Result(kind, people.name_of(session, owner), page.reference)


def _owner(session: Session, now: int, directory: MayOpen, page: Page, member_id: str) -> str | None:
    """Who has the page by this answer; None while it takes another one."""
    policy = escalation.policy_of(page.snapshot)
    if page.state != "open" or policy.acks == 1:
        return member_id
    answered = answers.note(session, now, page, member_id)
    return answers.owner_of(directory, policy, page, answered, member_id)


def _win(session: Session, now: int, directory: MayOpen, page: Page, member_id: str) -> list[str]:
    """The ids of the pages that are ``member_id``'s by this: the page, and calmer ones they may open too.

    But none that takes more who answer than this one did.
    """
    values = {"state": "acknowledged", "acknowledged_by": member_id, "acknowledged_at": now, "seen_at": None}
    first = update(Page).where(Page.id == page.id, Page.state == "open").values(values).returning(Page.id)
    won = list(session.scalars(first))
    if won:
        calmer = (Page.subject == page.subject) & (Page.state == "open") & (Page.rank >= page.rank)
        acks = escalation.policy_of(page.snapshot).acks
        ids = [
            one.id
            for one in session.scalars(select(Page).where(calmer))
            if directory.may_open(member_id, json.loads(one.teams))
            and escalation.policy_of(one.snapshot).acks <= acks
        ]
        took = update(Page).where(Page.id.in_(ids), Page.state == "open").values(values)
        won += session.scalars(took.returning(Page.id))
        _expect_opening(session, now, won, member_id)
    return won


def _expect_opening(session: Session, now: int, won: list[str], member_id: str) -> None:
    for page in session.scalars(
        select(Page).where(Page.id.in_(won)).execution_options(populate_existing=True)
    ):
        policy = escalation.policy_of(page.snapshot)
        if page.seen_by == member_id or not policy.unopened_after_s:
            page.seen_at, page.next_at = now, None
        else:
            page.next_at = now + escalation.unopened_after_ms(policy)
    session.flush()


def sent_to(session: Session, from_key: str, codes: list[str]) -> list[PageCode]:
    """What ``codes`` mean on that phone, in their order; of a code used before, the newest page."""
    sent = (PageCode.address_key == from_key) & PageCode.code.in_(codes) & PageCode.sent_at.is_not(None)
    found = session.scalars(select(PageCode).where(sent).order_by(PageCode.created_at))
    newest = {one.code: one for one in found}
    return [newest[code] for code in dict.fromkeys(codes) if code in newest]


def _recent(session: Session, now: int, from_key: str) -> list[PageCode]:
    sent = (PageCode.address_key == from_key) & (PageCode.sent_at > now - RECENT_MS)
    return list(session.scalars(select(PageCode).join(Page).where(sent, Page.state == "open").limit(2)))


def _refuse(session: Session, now: int, from_key: str, codes: list[str]) -> Result:
    foreign = select(PageCode.id).where(PageCode.code.in_(codes), PageCode.address_key != from_key)
    known = session.scalar(
        select(ContactMethod.responder_id).where(ContactMethod.address_key == from_key).limit(1)
    )
    kind = "unknown_code" if known else "unknown_phone"
    if codes and session.scalar(foreign.limit(1)) is not None:
        kind = "not_yours"
    actor = f"responder:{known}" if known else "unknown_phone"
    audit.record(session, now, actor=actor, verb=trail.REFUSED, why=kind)
    return Result(kind, locale=_locale(session, known))


def _locale(session: Session, responder_id: str | None) -> str:
    return session.scalar(select(Responder.locale).where(Responder.id == responder_id)) or "en"
