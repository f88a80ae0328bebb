"""Teams' rosters as rows: layers, overrides, absences and days off, made into plans that ``oncall`` reads."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, or_, select, text
from sqlalchemy.orm import Session

from notify import holders, oncall
from notify.duty_tables import DayOff, Duty, RosterPlan, Rotation
from notify.oncall import Absence, Plan
from notify.turns import Layer
from vault.statements import Found, Statement

AWAY = "away"
_TEAMS: BindParameter[Sequence[str]] = bindparam("teams", expanding=True)
_ITS_DUTIES = (
    or_(Duty.team_id.is_(None), Duty.team_id == Rotation.team_id)
    & (Duty.begins_at <= bindparam("until"))
    & (Duty.ends_at > bindparam("since"))
)
# Built once: every page that opens asks for it. A team has a row for each of its duties, and at least one.
_TURNS = Statement(
    select(
        *Rotation.__table__.columns,
        RosterPlan.layers,
        *(Duty.responder_id, Duty.kind, Duty.instead_of, Duty.begins_at, Duty.ends_at),
    )
    .outerjoin(RosterPlan, RosterPlan.team_id == Rotation.team_id)
    .outerjoin(Duty, _ITS_DUTIES)
    .where(Rotation.team_id.in_(_TEAMS))
    .order_by(Duty.created_at, Duty.id)
)
_KEEP_DAY = text("INSERT INTO day_off (school, day) VALUES (:school, :day) ON CONFLICT DO NOTHING")


def load(session: Session, now: int, teams: Sequence[str], until: int | None = None) -> dict[str, Plan]:
    """The plans of ``teams`` as they hold from ``now`` to ``until`` (ms; None: at ``now``), in that order.

    A team that takes no turns has none. Whoever does not hold a team's key has left it.
    """
    facts = {"teams": teams, "since": now, "until": now if until is None else until}
    found: dict[str, list[Found]] = {}
    for row in _TURNS.run(session, facts):
        found.setdefault(row.team_id, []).append(row)
    layers = {
        team: layers_of(row.layers) if row.layers else (_weeks(row),) for team, (row, *_) in found.items()
    }
    off = _days_off(session, {found[team][0].school for team, own in layers.items() if _uses_days_off(own)})
    held = holders.of(session, teams)
    made = ((team, _plan(found[team], layers[team], off)) for team in teams if team in found)
    return {team: _without(plan, held[team]) if team in held else plan for team, plan in made}


def is_away(session: Session, now: int, responder_id: str) -> bool:
    """Whether this person is noted as absent at ``now``."""
    own = (Duty.responder_id == responder_id) & (Duty.kind == AWAY)
    found = select(Duty.id).where(own, Duty.begins_at <= now, Duty.ends_at > now).limit(1)
    return session.scalar(found) is not None


def keep_days_off(session: Session, school: str, days: Collection[date]) -> None:
    """Make ``days`` the days off of ``school``; nothing is written where they already are.

    What lies before all of them stays: turns are counted in days off that were.
    """
    wanted = {day.isoformat() for day in days}
    kept = select(DayOff.day).where(DayOff.school == school, DayOff.day >= min(wanted, default=""))
    known = set(session.scalars(kept))
    if known - wanted:
        session.execute(delete(DayOff).where(DayOff.school == school, DayOff.day.in_(known - wanted)))
    if wanted - known:
        session.execute(_KEEP_DAY, [{"school": school, "day": day} for day in sorted(wanted - known)])


def text_of(layers: Iterable[Layer]) -> str:
    """``layers`` as the JSON that is kept."""
    return json.dumps(
        [asdict(one) | {"starts_on": one.starts_on.isoformat()} for one in layers], separators=(",", ":")
    )


def layers_of(kept: str) -> tuple[Layer, ...]:
    """The layers that ``text_of`` wrote."""
    return tuple(_layer(one) for one in json.loads(kept))


def _layer(found: dict[str, Any]) -> Layer:
    found |= {"people": tuple(found["people"]), "days": tuple(found["days"])}
    return Layer(**(found | {"starts_on": date.fromisoformat(found["starts_on"])}))


def _plan(rows: Sequence[Found], layers: tuple[Layer, ...], off: Mapping[str, frozenset[date]]) -> Plan:
    row, own = rows[0], [one for one in rows if one.kind is not None]
    covers = [one for one in own if one.kind != AWAY]
    return Plan(
        row.zone,
        layers,
        off.get(row.school, frozenset()),
        tuple(oncall.Duty(one.responder_id, one.begins_at, one.ends_at, one.instead_of) for one in covers),
        tuple(Absence(one.responder_id, one.begins_at, one.ends_at) for one in own if one.kind == AWAY),
        tuple(json.loads(row.responders)),
    )


def _without(plan: Plan, holders: Collection[str]) -> Plan:
    named = {*plan.everybody, *(duty.person for duty in plan.duties)}
    return replace(plan, left=frozenset(named.difference(holders)))


def _weeks(row: Found) -> Layer:
    return Layer(
        "weeks",
        tuple(json.loads(row.responders)),
        date.fromisoformat(row.starts_on),
        handoff_weekday=row.handoff_weekday,
        handoff_time=row.handoff_time,
    )


def _uses_days_off(layers: Iterable[Layer]) -> bool:
    return any(not one.days for one in layers)


def _days_off(session: Session, schools: Collection[str]) -> dict[str, frozenset[date]]:
    if not schools:
        return {}
    rows = session.execute(select(DayOff.school, DayOff.day).where(DayOff.school.in_(schools))).all()
    return {
        school: frozenset(date.fromisoformat(row.day) for row in rows if row.school == school)
        for school in schools
    }
