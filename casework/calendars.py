"""A member's own calendar addresses: of their shifts, or of one of their teams. Each is shown once."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import ways
from casework.errors import NoSuchCaseError
from casework.render import see_other
from casework.visit import Visit
from notify import feeds, people
from notify.duty_tables import CalendarFeed
from vault import audit


def renew(visit: Visit) -> ResponseReturnValue:
    """A new address in place of the one they had; it is in this answer and nowhere else."""
    team = _team(visit)
    with visit.deps.database.writing() as session:
        own = people.responder_of(session, visit.member.id)
        if not own:
            raise NoSuchCaseError("nobody who is called")
        _end(session, visit, own, team)
        feed_id, token = feeds.create(session, visit.now, team=team, responder=own)
        audit.record(session, visit.now, actor=visit.actor, verb="feed_created", feed=feed_id)
    site = visit.deps.settings.site or request.host_url.rstrip("/")
    address = f"{site}/calendar/{token}.ics"
    return ways.view(visit, address=address, of_team=team or "")


def end(visit: Visit) -> ResponseReturnValue:
    """From now on their address shows nothing."""
    team = _team(visit)
    with visit.deps.database.writing() as session:
        _end(session, visit, people.responder_of(session, visit.member.id), team)
    return see_other("/ways?notice=calendar_ended")


def _team(visit: Visit) -> str | None:
    """The team of the form; None for their own shifts. Another team's shifts are not theirs to give away."""
    team = request.form.get("team", "")
    if team and team not in visit.teams:
        raise NoSuchCaseError("not this member's team")
    return team or None


def _end(session: Session, visit: Visit, own: str, team: str | None) -> None:
    mine = (CalendarFeed.responder_id == own) & (
        CalendarFeed.team_id.is_(None) if team is None else CalendarFeed.team_id == team
    )
    for feed in session.scalars(select(CalendarFeed).where(mine)).all():
        session.delete(feed)
        audit.record(session, visit.now, actor=visit.actor, verb="feed_revoked", feed=feed.id, why="renewed")
