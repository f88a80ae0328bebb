"""What is told once a day: to whoever begins a shift before the next evening, and to administrators."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import digest, findings, oncall, plans, roster
from notify.digest import Seal
from notify.duty_tables import Responder, Rotation
from notify.oncall import Shift
from notify.settings import PagingSettings
from notify.ways import readable
from templates.words import render

DAY_MS = 24 * 3600 * 1000
# Far enough to say when a shift of a week ends.
AHEAD_MS = 9 * DAY_MS


def remind_due(session: Session, now: int, settings: PagingSettings, seal: Seal) -> int:
    """In every team whose evening it is, text those whose shift begins within a day; how many texts."""
    posted = 0
    if not settings.remind_at:
        return posted
    for team in session.scalars(select(Rotation).order_by(Rotation.team_id)).all():
        if digest.is_time(session, now, settings.remind_at, f"{team.team_id}/shifts", team.zone):
            posted += _remind(session, now, team, seal)
    return posted


def warn_due(
    session: Session, now: int, settings: PagingSettings, teams: Mapping[str, Sequence[str]], seal: Seal
) -> int:
    """In the morning, text the administrators of every school in which something is to be mended; how many.

    ``teams``: whose people on call are told, by school.
    """
    posted = 0
    zones = {row.school: row.zone for row in session.scalars(select(Rotation))}
    for school in sorted(zones.keys() & teams.keys()):
        if not digest.is_time(session, now, settings.digest_at, f"{school}/findings", zones[school]):
            continue
        found = findings.look(session, now, settings, school)
        if found:
            posted += _warn(session, now, school, teams[school], found, seal)
    return posted


def _remind(session: Session, now: int, team: Rotation, seal: Seal) -> int:
    """Who is on call already needs no reminder; of several shifts of one person the first is said."""
    plan = plans.load(session, now, [team.team_id], now + AHEAD_MS)[team.team_id]
    first: dict[str, Shift] = {}
    for shift in oncall.shifts(plan, now, now + AHEAD_MS)[1:]:
        if shift.person and shift.begins < now + DAY_MS:
            first.setdefault(shift.person, shift)
    found = roster.methods_of(session, first)
    told = [(person, way) for person in first if (way := readable(found.get(person, ())))]
    for person, way in told:
        locale, shift = session.get_one(Responder, person).locale, first[person]
        begins, ends = (findings.moment(at, team.zone, locale) for at in (shift.begins, shift.ends))
        body = render("messages/reminder.txt", locale, team=team.team_id, begins=begins, ends=ends)
        digest.post(session, now, team.school, way, body, seal)
    return len(told)


def _warn(
    session: Session,
    now: int,
    school: str,
    teams: Sequence[str],
    found: Sequence[findings.Finding],
    seal: Seal,
) -> int:
    at = roster.load(session, now, teams)
    ways = [way for one in at.named(0) if (way := readable(at.methods[one]))]
    for way in ways:
        locale = session.get_one(Responder, way.responder_id).locale
        body = render("messages/findings.txt", locale, count=len(found), first=found[0].said(locale))
        digest.post(session, now, school, way, body, seal)
    return len(ways)
