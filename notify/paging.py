"""Opens pages and fires their steps: always rows of the caller's transaction, never a call to a provider."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from notify import answers, codes, escalation, roster, trail
from notify.channels import CALL, TEXT
from notify.drills import SELF_TEST
from notify.duty_tables import ContactMethod
from notify.escalation import Occasion, Policy
from notify.settings import PagingSettings
from notify.tables import Attempt, Page
from notify.ways import Way, ways_of
from vault import audit
from vault.ids import new_id
from vault.statements import Adding

_ADD_ATTEMPT = Adding(Attempt)
_ADD_PAGE = Adding(Page)
LIVE = ("due", "claimed")


@dataclass(frozen=True)
class PageRequest:
    """A demand for attention. ``subject`` is opaque, ``reference`` may be said aloud.

    ``zone`` is the school's. ``kind``: report, read_deadline, drill or self_test.
    ``teams``: those that can open the subject, first called first.
    ``first``: the subject was made in this very transaction, so that no page can have called for it yet.
    ``covered``: it is the school's hours. ``together``: all teams at once. ``acks``: how many must take it,
    one of them of ``ack_team``.
    """

    school: str
    subject: str
    reference: str
    urgency: str
    wakes: bool
    teams: tuple[str, ...]
    zone: str
    kind: str = "report"
    first: bool = False
    covered: bool = True
    together: bool = True
    acks: int = 1
    ack_team: str = ""


def open_page(session: Session, now: int, request: PageRequest, settings: PagingSettings) -> str | None:
    """Write the page, its policy and its first attempts; the id of the page that now calls for the subject.

    None for prompt and routine, which page nobody. A page already open for the subject and all of these
    teams, as urgent or more, goes on instead of a new one. An urgent one that may not wake waits for the
    end of the night.
    """
    rank = escalation.RANKS[request.urgency]
    if rank > escalation.RANKS["urgent"]:
        return None
    standing = None if request.first else _open_one(session, request, rank)
    if standing is not None:
        _take_more(session, now, standing, request)
        _wake_up(session, now, standing, wakes=request.wakes)
        return standing.id
    page = page_of(now, request, policy_of(session, now, request, settings))
    audit.record(
        session,
        now,
        actor=trail.PAGER,
        verb=trail.OPENED,
        pseudonym=page.id,
        urgency=page.urgency,
        kind=page.kind,
    )
    if fire(session, now, page, first=True) == 0:
        page.next_at = now  # the pager tries again at once, and can sound the alarm
    _ADD_PAGE.run(session, {column.name: getattr(page, column.name) for column in Page.__table__.columns})
    return page.id


def fire(session: Session, now: int, page: Page, *, first: bool = False) -> int | None:
    """Take the page's next step: attempts for its persons, and the deadline of the step after it.

    Returns how many persons are being tried; None in a page's quiet hours, which only move its deadline.
    The caller holds the page (its row is locked) and has seen that it is open. ``first``: it opens with this.
    """
    policy = escalation.policy_of(page.snapshot)
    rest = escalation.quiet_until(policy.quiet, now)
    if rest is not None:
        page.next_at = rest
        return None
    step = escalation.next_step(policy, page.step)
    people = roster.resolve(session, now, page, step)
    ways = [way for methods in people.values() for way in ways_of(methods, step.channels, now)]
    if not first:
        trail.step(session, now, page, len(people))
    attempts(session, now, page, ways)
    page.step += 1
    page.next_at = escalation.due_after(step, now)
    return len(people)


def attempts(session: Session, now: int, page: Page, ways: Iterable[Way]) -> None:
    """Try ``ways`` for ``page``, but for those of which a try is still under way."""
    # Of a target that several share the earliest counts: somebody may have no other way.
    wanted = {_once(way.method): way for way in sorted(ways, key=lambda way: -way.after_ms)}
    if page.step:
        mine = select(Attempt.method_id).where(_this_page(page.id), Attempt.state.in_(LIVE))
        trying = set(session.scalars(mine))
        wanted = {key: way for key, way in wanted.items() if way.method.id not in trying}
    methods = [way.method for way in wanted.values()]
    codes.ensure(session, now, page, [method for method in methods if method.channel == TEXT])
    rows = [
        {
            "id": new_id(),
            "page_id": page.id,
            "responder_id": way.method.responder_id,
            "method_id": way.method.id,
            "school": page.school,
            "channel": way.method.channel,
            "rank": page.rank,
            "step": page.step,
            "due_at": now + way.after_ms,
            "created_at": now,
        }
        for way in wanted.values()
    ]
    if rows:
        _ADD_ATTEMPT.run(session, *rows)
        trail.queued(session, now, rows)


def next_channel(session: Session, now: int, failed: Attempt, page: Page) -> None:
    """A way failed: that person's others now; if the whole step came to nothing, the next step.

    What wakes nobody is little lost while their telephone has it, and starts only what the step asked for:
    a dead mail server must not make every page ring.
    """
    of_person = _this_page(page.id) & (Attempt.responder_id == failed.responder_id)
    theirs = of_person & (Attempt.step == failed.step)
    is_little = failed.channel not in (TEXT, CALL) and _telephone_has(session, now, of_person, failed.step)
    waiting = theirs & (Attempt.state == "due") & (Attempt.tries == 0) & (Attempt.due_at > now)
    session.execute(update(Attempt).where(waiting).values(due_at=now))
    if not is_little and failed.responder_id not in roster.answered_by(session, page):
        used = set(session.scalars(select(Attempt.method_id).where(theirs)))
        own = session.scalars(select(ContactMethod).where(ContactMethod.responder_id == failed.responder_id))
        attempts(session, now, page, [Way(one) for one in own if one.id not in used])
    # A test is for whoever is on call: that no way of theirs works is its result, and nobody else's alarm.
    goes_on = page.kind != SELF_TEST
    if (
        goes_on
        and _step_is_dead(session, failed)
        and page.step <= len(escalation.policy_of(page.snapshot).steps)
    ):
        page.next_at = min(page.next_at or now, now)


def subject_opened(session: Session, now: int, subject: str, member_id: str, teams: Collection[str]) -> None:
    """``member_id``, who serves ``teams``, has opened the case: nobody need be reminded that nobody did.

    Only what calls those teams: a page for others, about what this member cannot read, goes on.
    """
    calling = session.execute(select(Page.id, Page.teams).where(Page.subject == subject)).all()
    theirs = [page_id for page_id, called in calling if not set(json.loads(called)).isdisjoint(teams)]
    of_subject = Page.id.in_(theirs)
    unseen = of_subject & (Page.state == "acknowledged") & Page.seen_at.is_(None)
    calls = of_subject & (Page.state == "open") & Page.seen_by.is_distinct_from(member_id)
    seen = update(Page).where(unseen).values(seen_at=now, seen_by=member_id, next_at=None)
    looked = update(Page).where(calls).values(seen_by=member_id)
    pages = [*session.scalars(seen.returning(Page.id)), *session.scalars(looked.returning(Page.id))]
    trail.seen(session, now, member_id, pages)


def policy_of(session: Session, now: int, request: PageRequest, settings: PagingSettings) -> Policy:
    """What a page for ``request`` that opens ``now`` would follow to its end."""
    quiet = None
    if request.urgency != "immediate" and not request.wakes:
        quiet = escalation.Quiet(request.zone, settings.night_from, settings.night_to)
    rank = escalation.RANKS[request.urgency]
    owner = not request.first and _owned_as_urgently(session, request.subject, rank)
    occasion = Occasion(request.urgency, request.teams, request.together, request.covered, owner)
    policy = escalation.policy_for(settings, occasion, quiet)
    return answers.asking_for(session, now, policy, request) if request.acks > 1 else policy


def page_of(now: int, request: PageRequest, policy: Policy) -> Page:
    """A page for ``request`` that opens ``now`` and follows ``policy``; the caller adds it."""
    return Page(
        id=new_id(),
        school=request.school,
        kind=request.kind,
        subject=request.subject,
        reference=request.reference,
        urgency=request.urgency,
        rank=escalation.RANKS[request.urgency],
        teams=json.dumps(request.teams),
        snapshot=escalation.snapshot(policy),
        state="open",
        step=0,
        opened_at=now,
        next_at=now,
    )


def _wake_up(session: Session, now: int, page: Page, *, wakes: bool) -> None:
    policy = escalation.policy_of(page.snapshot)
    if not wakes or escalation.quiet_until(policy.quiet, now) is None:
        return
    page.snapshot = escalation.snapshot(replace(policy, quiet=None))
    fire(session, now, page)


def _take_more(session: Session, now: int, page: Page, request: PageRequest) -> None:
    """A page that one person's answer would have ended, about what now takes two."""
    policy = escalation.policy_of(page.snapshot)
    if request.acks > policy.acks:
        page.snapshot = escalation.snapshot(answers.asking_for(session, now, policy, request))


def _open_one(session: Session, request: PageRequest, rank: int) -> Page | None:
    found = select(Page).where(Page.subject == request.subject, Page.state == "open", Page.rank <= rank)
    pages = session.scalars(found.order_by(Page.rank).with_for_update())
    return next((page for page in pages if set(request.teams) <= set(json.loads(page.teams))), None)


def _owned_as_urgently(session: Session, subject: str, rank: int) -> bool:
    found = select(Page.id).where(Page.subject == subject, Page.state == "acknowledged", Page.rank <= rank)
    return session.scalar(found.limit(1)) is not None


def _once(method: ContactMethod) -> str:
    """A mailbox or target that several persons share gets one notice; a phone has a code for each of them."""
    return method.id if method.channel in (TEXT, CALL) else method.address_key


def _telephone_has(session: Session, now: int, of_person: ColumnElement[bool], step: int) -> bool:
    """Whether a text or call of ``step``, or one begun since, has gone out or goes now."""
    due = (Attempt.state == "due") & or_(Attempt.due_at <= now, Attempt.tries > 0)
    under_way = or_(Attempt.state.in_(("claimed", "sent", "delivered")), due)
    rings = of_person & (Attempt.step >= step) & Attempt.channel.in_((TEXT, CALL)) & under_way
    return session.scalar(select(Attempt.id).where(rings).limit(1)) is not None


def _step_is_dead(session: Session, failed: Attempt) -> bool:
    alive = Attempt.state.in_((*LIVE, "sent", "delivered"))
    found = select(Attempt.id).where(_this_page(failed.page_id), Attempt.step == failed.step, alive)
    return session.scalar(found.limit(1)) is None


def _this_page(page_id: str | None) -> ColumnElement[bool]:
    return (Attempt.page_id == page_id) & (Attempt.kind == "page")
