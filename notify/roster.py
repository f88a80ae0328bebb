"""Which persons a step means, found when it fires: through rotations, and never an empty list by accident."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from notify import oncall, plans
from notify.tables import ContactMethod, Page, Responder
from vault.tables import TeamKeyCopy

# Built once: every page that opens asks for it.
_METHODS = (
    select(ContactMethod)
    .join(Responder)
    .where(Responder.id.in_(bindparam("responders", expanding=True)), Responder.active)
    .order_by(ContactMethod.rank, ContactMethod.id)
)


@dataclass(frozen=True)
class Roster:
    """The turns of a page's teams at one moment, and the way to each person who can be reached."""

    turns: tuple[tuple[str, ...], ...]
    methods: dict[str, tuple[ContactMethod, ...]]

    def named(self, place: int) -> tuple[str, ...]:
        """The reachable person at ``place`` (0: on call) of every team that has one."""
        reachable = ([one for one in turn if one in self.methods] for turn in self.turns)
        return _once(turn[place] for turn in reachable if len(turn) > place)

    def everyone(self) -> tuple[str, ...]:
        return _once(one for turn in self.turns for one in turn if one in self.methods)


def load(session: Session, now: int, teams: Sequence[str]) -> Roster:
    """The roster of ``teams`` at ``now``."""
    ordered = tuple(oncall.on_call(plan, now) for plan in plans.load(session, now, teams).values())
    return Roster(ordered, _methods(session, {one for turn in ordered for one in turn}))


def resolve(session: Session, now: int, page: Page, who: str) -> dict[str, tuple[ContactMethod, ...]]:
    """Responder id -> ways to reach them, for a step's ``who``.

    Nobody of that description: everyone of the teams; none there either: everyone who may open the
    subject. Empty only when no person at all can be reached.
    """
    teams: list[str] = json.loads(page.teams)
    roster = load(session, now, teams)
    if who == "owner":
        owner = _owner(session, page)
        if owner:
            return owner
    people = {"on_call": roster.named(0), "second": roster.named(1)}.get(who, ()) or roster.everyone()
    chosen = {one: roster.methods[one] for one in people}
    if who == "everyone" or not chosen:
        chosen |= _methods(session, _key_holders(session, teams))
    return chosen


def _owner(session: Session, page: Page) -> dict[str, tuple[ContactMethod, ...]]:
    took = (
        select(Responder.id)
        .join(Page, Page.acknowledged_by == Responder.member_id)
        .where(Page.subject == page.subject, Page.state == "acknowledged")
        .order_by(Page.acknowledged_at.desc())
        .limit(1)
    )
    return _methods(session, session.scalars(took))


def _key_holders(session: Session, teams: Sequence[str]) -> Iterable[str]:
    holders = (
        select(Responder.id)
        .join(TeamKeyCopy, TeamKeyCopy.holder == Responder.member_id)
        .where(TeamKeyCopy.team_id.in_(teams))
        .order_by(Responder.id)
    )
    return session.scalars(holders)


def _methods(session: Session, responders: Iterable[str]) -> dict[str, tuple[ContactMethod, ...]]:
    rows = session.scalars(_METHODS, {"responders": list(responders)})
    found: dict[str, tuple[ContactMethod, ...]] = {}
    for row in rows:
        found[row.responder_id] = (*found.get(row.responder_id, ()), row)
    return found


def _once(people: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(people))
