"""Opens pages and fires their steps: always rows of the caller's transaction, never a call to a provider."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from notify import answers, escalation, holding, roster, trail
from notify.channels import CALL, TEXT
from notify.drills import SELF_TEST
from notify.duty_tables import ContactMethod
from notify.escalation import Occasion, Policy
from notify.settings import PagingSettings
from notify.tables import Attempt, Page
from notify.tries import LIVE, Tries, of_page, tries_by
from notify.ways import Way, ways_of
from vault import audit
from vault.ids import new_id


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
    if request.urgency not in escalation.PAGED:
        return None
    rank = escalation.RANKS[request.urgency]
    standing = None if request.first else _open_one(session, request, rank)
    if standing is not None:
        _take_more(session, now, standing, request)
        _wake_up(session, now, standing, wakes=request.wakes)
        return standing.id
    policy = policy_of(session, now, request, settings)
    page = page_of(now, request, policy)
    facts = {"urgency": page.urgency, "kind": page.kind}
    opened = audit.event(now, trail.PAGER, trail.OPENED, page.id, facts)
    persons, tries = _take_step(session, now, page, policy)
    if persons == 0:
        page.next_at = now  # the pager tries again at once, and can sound the alarm
    tries.add(session, opened, page=page)
    return page.id


def fire(session: Session, now: int, page: Page) -> int | None:
    """Take the page's next step: attempts for its persons, and the deadline of the step after it.

    Returns how many persons of its teams are being tried; None in a page's quiet hours, which only move its
    deadline.
    The caller holds the page (its row is locked) and has seen that it is open.
    """
    persons, tries = _take_step(session, now, page, escalation.policy_of(page.snapshot))
    if persons is not None:
        tries.add(session, trail.step(now, page, persons))
    return persons


def _take_step(session: Session, now: int, page: Page, policy: Policy) -> tuple[int | None, Tries]:
    """What ``fire`` does, with the rows that are still to be added."""
    rest = escalation.quiet_until(policy.quiet, now)
    if rest is not None:
        page.next_at = rest
        return None, Tries()
    step = escalation.next_step(policy, page.step)
    people = roster.resolve(session, now, page, policy, step)
    # A test is for whoever is on call: that there is nobody is its result.
    lost = not people and page.kind != SELF_TEST
    called = roster.last_resort(session, now, page, step) if lost else people
    ways = [way for methods in called.values() for way in ways_of(methods, step.channels, now)]
    tries = tries_by(session, now, page, ways)
    page.step += 1
    page.next_at = escalation.due_after(step, now)
    return len(people), tries


def next_channel(session: Session, now: int, failed: Attempt, page: Page) -> None:
    """A way failed: that person's others now; if the whole step came to nothing, the next step.

    What wakes nobody is little lost while their telephone has it, and starts only what the step asked for:
    a dead mail server must not make every page ring.
    """
    of_person = of_page(page.id) & (Attempt.responder_id == failed.responder_id)
    theirs = of_person & (Attempt.step == failed.step)
    is_little = failed.channel not in (TEXT, CALL) and _telephone_has(session, now, of_person, failed.step)
    waiting = theirs & (Attempt.state == "due") & (Attempt.tries == 0) & (Attempt.due_at > now)
    session.execute(update(Attempt).where(waiting).values(due_at=now))
    if not is_little and failed.responder_id not in roster.answered_by(session, page):
        used = set(session.scalars(select(Attempt.method_id).where(theirs)))
        own = session.scalars(select(ContactMethod).where(ContactMethod.responder_id == failed.responder_id))
        tries_by(session, now, page, [Way(one) for one in own if one.id not in used]).add(session)
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
    calling = holding.hold(session, Page.subject == subject)
    theirs = [page.id for page in calling if not set(json.loads(page.teams)).isdisjoint(teams)]
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
    found = holding.hold(session, Page.subject == request.subject)
    pages = sorted(
        (one for one in found if one.state == "open" and one.rank <= rank), key=lambda one: one.rank
    )
    return next((page for page in pages if set(request.teams) <= set(json.loads(page.teams))), None)


def _owned_as_urgently(session: Session, subject: str, rank: int) -> bool:
    found = select(Page.id).where(Page.subject == subject, Page.state == "acknowledged", Page.rank <= rank)
    return session.scalar(found.limit(1)) is not None


def _telephone_has(session: Session, now: int, of_person: ColumnElement[bool], step: int) -> bool:
    """Whether a text or call of ``step``, or one begun since, has gone out or goes now."""
    due = (Attempt.state == "due") & or_(Attempt.due_at <= now, Attempt.tries > 0)
    under_way = or_(Attempt.state.in_(("claimed", "sent", "delivered")), due)
    rings = of_person & (Attempt.step >= step) & Attempt.channel.in_((TEXT, CALL)) & under_way
    return session.scalar(select(Attempt.id).where(rings).limit(1)) is not None


def _step_is_dead(session: Session, failed: Attempt) -> bool:
    alive = Attempt.state.in_((*LIVE, "sent", "delivered"))
    found = select(Attempt.id).where(of_page(failed.page_id), Attempt.step == failed.step, alive)
    return session.scalar(found.limit(1)) is None
