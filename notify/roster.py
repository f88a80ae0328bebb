"""Which persons a step means, found when it fires: through rotations, and never an empty list by accident."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from notify import escalation, holders, oncall, people, plans
from notify.duty_tables import Contact, ContactMethod, Responder
from notify.escalation import Policy, Step
from notify.oncall import Plan
from notify.tables import Page, PageAnswer
from vault.statements import Statement

_RESPONDERS: BindParameter[Sequence[str]] = bindparam("responders", expanding=True)
# Built once: every page that opens asks for it. Not for what is deferred, which not every process may read.
_METHODS = Statement(
    select(*(one.columns[0] for one in ContactMethod.__mapper__.column_attrs if not one.deferred))
    .join_from(ContactMethod, Responder)
    .where(Responder.id.in_(_RESPONDERS), Responder.active)
    .order_by(ContactMethod.rank, ContactMethod.id)
)
_BY_LOGIN = select(Responder.id).where(Responder.handle == bindparam("handle"), Responder.active)
_ANSWERED = (
    select(Responder.id)
    .join(PageAnswer, PageAnswer.member_id == Responder.member_id)
    .where(PageAnswer.page_id == bindparam("page_id"))
)


@dataclass(frozen=True)
class Roster:
    """The turns of a page's teams at one moment, and the way to each person who can be reached."""

    turns: Mapping[str, tuple[str, ...]]
    methods: dict[str, tuple[Contact, ...]]

    def named(self, place: int, teams: Collection[str] | None = None) -> tuple[str, ...]:
        """The reachable person at ``place`` (0: on call) of every team (or of ``teams``) that has one."""
        return _once(turn[place] for turn in self._reachable(teams) if len(turn) > place)

    def everyone(self, teams: Collection[str] | None = None) -> tuple[str, ...]:
        return _once(one for turn in self._reachable(teams) for one in turn)

    def chosen(self, step: Step) -> tuple[str, ...]:
        """Whom ``step`` means; the first team's second responder comes with the other teams' first."""
        of = [step.of] if step.of else None
        if step.who == "on_call":
            return self.named(0, of) or self.named(0)
        if step.who == "second" and of:
            return _once((*self.named(1, of), *self.named(0, set(self.turns) - set(of))))
        return self.named(1) if step.who == "second" else self.everyone(of)

    def ways_for(self, step: Step) -> dict[str, tuple[Contact, ...]]:
        """Responder id -> ways to reach them, of whom ``step`` means; of everyone if it means nobody."""
        return {one: self.methods[one] for one in self.chosen(step) or self.everyone()}

    def _reachable(self, teams: Collection[str] | None) -> Iterator[list[str]]:
        for team, turn in self.turns.items():
            if teams is None or team in teams:
                yield [one for one in turn if one in self.methods]


def load(session: Session, now: int, teams: Sequence[str]) -> Roster:
    """The roster of ``teams`` at ``now``."""
    return _roster(session, now, plans.load(session, now, teams))


def _roster(session: Session, now: int, found: Mapping[str, Plan]) -> Roster:
    turns = {team: oncall.on_call(plan, now) for team, plan in found.items()}
    return Roster(turns, methods_of(session, {one for turn in turns.values() for one in turn}))


def resolve(
    session: Session, now: int, page: Page, policy: Policy, step: Step
) -> dict[str, tuple[Contact, ...]]:
    """Responder id -> ways to reach them, for a ``step`` of ``page``; who has answered already is left out.

    Empty only when no other person at all can be reached.
    """
    owner = _owner(session, page) if step.who == "owner" else {}
    found = owner or people_for(session, now, json.loads(page.teams), step)
    if policy.acks > 1:
        answered = answered_by(session, page)
        if answered & set(found):
            rest = Step("everyone", step.channels, step.delay_s)
            others = (
                found if set(found) - answered else people_for(session, now, json.loads(page.teams), rest)
            )
            found = {one: ways for one, ways in others.items() if one not in answered}
    return found


def answered_by(session: Session, page: Page) -> set[str]:
    """Responder ids of those who have answered ``page``, which takes more than one."""
    return set(session.scalars(_ANSWERED, {"page_id": page.id}))


def people_for(
    session: Session, now: int, teams: Sequence[str], step: Step
) -> dict[str, tuple[Contact, ...]]:
    """Responder id -> ways to reach them, for a ``step`` of a page for ``teams`` that nobody has yet.

    Nobody of that description: everyone of the teams; none there either: everyone who may open the
    subject. Empty only when no person at all can be reached.
    """
    if step.who not in escalation.ROLES:
        handle = people.handle_of(step.who)
        named = methods_of(session, session.scalars(_BY_LOGIN, {"handle": handle}))
        if named:
            return named
    roster = load(session, now, teams)
    chosen = roster.ways_for(step)
    if (step.who == "everyone" and not step.of) or not chosen:
        chosen |= methods_of(session, _key_holders(session, teams))
    return chosen


def last_resort(session: Session, now: int, page: Page, step: Step) -> dict[str, tuple[Contact, ...]]:
    """As ``resolve`` when that found nobody: whom the rosters name, though the key says that they left.

    The key may be wrong, as after a recovery. A page has no content: who cannot open the case can fetch
    somebody who does.
    """
    found = plans.load(session, now, json.loads(page.teams))
    named = _roster(session, now, {team: plan.as_if_all_stayed for team, plan in found.items()})
    answered = answered_by(session, page)
    return {one: ways for one, ways in named.ways_for(step).items() if one not in answered}


def _owner(session: Session, page: Page) -> dict[str, tuple[Contact, ...]]:
    took = (
        select(Responder.id)
        .join(Page, Page.acknowledged_by == Responder.member_id)
        .where(Page.subject == page.subject, Page.state == "acknowledged")
        .order_by(Page.acknowledged_at.desc())
        .limit(1)
    )
    return methods_of(session, session.scalars(took))


def _key_holders(session: Session, teams: Sequence[str]) -> Iterable[str]:
    return _once(one for held in holders.of(session, teams).values() for one in sorted(held))


def methods_of(session: Session, responders: Iterable[str]) -> dict[str, tuple[Contact, ...]]:
    """The ways to each of ``responders`` who can be called, the first to try first."""
    session.flush()  # what somebody was given just now counts
    found: dict[str, tuple[Contact, ...]] = {}
    for row in _METHODS.run(session, {"responders": list(responders)}):
        found[row.responder_id] = (*found.get(row.responder_id, ()), row)
    return found


def _once(people: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(people))
