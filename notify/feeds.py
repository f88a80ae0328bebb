"""Calendar addresses: a secret in the address is all that they ask for, and shifts are all that they show."""

import hashlib
import secrets
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from notify import ics, notes, oncall, people, plans
from notify.duty_tables import CalendarFeed, Responder, Rotation
from notify.ics import Event
from notify.oncall import Plan, Shift
from templates.words import DEFAULT_LOCALE, render
from vault import audit
from vault.ids import new_id

FOUR_WEEKS_MS = 28 * 24 * 3600 * 1000
# Four to eight weeks back and half a year on: a shift that an edge cuts keeps its name for four weeks.
PIECES = (-1, 7)
TOKEN_BYTES = 32


def create(session: Session, now: int, *, team: str | None, responder: str | None) -> tuple[str, str]:
    """A new address: its id, and the secret part (256 bits), which is not kept.

    It shows the shifts of one ``team`` (a ``responder``'s own address of it, or one that is shared), or those
    of one ``responder`` in all teams.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed_id = new_id()
    row = CalendarFeed(
        id=feed_id, token_key=key_of(token), team_id=team, responder_id=responder, created_at=now
    )
    session.add(row)
    return feed_id, token


def end_for(
    session: Session, now: int, actor: str, member_id: str, left: Mapping[str, Collection[str]], *, gone: bool
) -> int:
    """``member_id`` left the teams ``left`` (by id, with the members who stay): what they could look at ends.

    Their own addresses of these teams, all of theirs if they are ``gone``, and those that a team shared;
    who stays is told how to get a new one. How many ended. Nobody can tell whose calendar a shared one is in.
    """
    person = people.responder_of(session, member_id)
    theirs = CalendarFeed.responder_id == person
    if not gone:
        theirs &= CalendarFeed.team_id.in_(left)
    shared = CalendarFeed.team_id.in_(left) & CalendarFeed.responder_id.is_(None)
    ended = session.scalars(select(CalendarFeed).where(or_(theirs, shared))).all()
    for feed in ended:
        session.delete(feed)
        audit.record(session, now, actor=actor, verb="feed_revoked", feed=feed.id, why="left")
    teams = {feed.team_id for feed in ended if feed.responder_id is None}
    stay = {one for team, members in left.items() if team in teams for one in members} - {member_id}
    staying = {people.responder_of(session, one) for one in sorted(stay)}
    notes.tell(session, now, staying, notes.FEED_ENDED)
    return len(ended)


def key_of(token: str) -> str:
    """What finds an address by its secret part. A slow hash is of no use at 256 random bits."""
    return hashlib.sha256(b"tipline/1/calendar" + token.encode()).hexdigest()


def calendar_of(session: Session, now: int, token: str) -> str | None:
    """The calendar at the address with this secret part; None when there is none, or none any more."""
    feed = session.scalar(select(CalendarFeed).where(CalendarFeed.token_key == key_of(token)))
    if feed is None:
        return None
    owner = session.get(Responder, feed.responder_id) if feed.responder_id else None
    if feed.responder_id and (owner is None or not owner.active):
        return None
    locale = owner.locale if owner else DEFAULT_LOCALE
    own_shifts = feed.responder_id if feed.team_id is None else None
    wanted, whose = [feed.team_id or ""], feed.team_id or ""
    if own_shifts:
        wanted, whose = _all_teams(session), owner.name if owner else ""
    found = plans.load(session, _edge(now, 0), wanted, _edge(now, 1))
    events = [
        event
        for team, plan in found.items()
        for event in _events(session, now, team, plan, locale, own_shifts)
    ]
    name = render("messages/calendar.txt", locale, whose=whose).strip()
    return ics.calendar(name, now, sorted(events, key=lambda event: (event.begins, event.uid)))


def _edge(now: int, which: int) -> int:
    return (now // FOUR_WEEKS_MS + PIECES[which]) * FOUR_WEEKS_MS


def _all_teams(session: Session) -> list[str]:
    return list(session.scalars(select(Rotation.team_id).order_by(Rotation.team_id)))


def _events(
    session: Session, now: int, team: str, plan: Plan, locale: str, responder: str | None
) -> Iterator[Event]:
    """Of a person's address only their own shifts; of a team's all, gaps too."""
    found = oncall.shifts(plan, _edge(now, 0), _edge(now, 1))
    wanted = [shift for shift in found if responder is None or shift.person == responder]
    names = people.names(session, {shift.person for shift in wanted if shift.person})
    for shift in wanted:
        name = "" if responder else names.get(shift.person or "", "")
        summary = render("messages/shift.txt", locale, team=team, person=name, gap=shift.person is None)
        yield Event(_uid(team, shift), shift.begins, shift.ends, summary.strip())


def _uid(team: str, shift: Shift) -> str:
    same = f"{team}|{shift.begins}|{shift.person}".encode()
    return f"{hashlib.sha256(same).hexdigest()[:32]}@tipline"
