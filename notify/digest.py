"""The morning text: how many prompt and routine reports wait, which paged nobody. Once a day and school."""

from collections.abc import Callable, Mapping
from datetime import time, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from notify import letters, roster, wall
from notify.duty_tables import Contact, ContactMethod, Responder, Rotation
from notify.settings import PagingSettings
from notify.ways import readable
from templates.words import render

_RANK = 3
# A pager that comes up at night wakes nobody with what the day was for: that waits for the next day.
LATEST = timedelta(hours=4)
Counts = Callable[[Session, str], Mapping[str, int]]
Seal = Callable[[str, bytes], bytes]


def send_due(session: Session, now: int, settings: PagingSettings, counts: Counts, seal: Seal) -> int:
    """Post the morning's texts of every school whose hour has come; how many.

    ``counts(session, school)``: ``prompt`` and ``routine`` reports that nobody has opened. They go to whoever
    is on call in each team of the school; none go where nothing waits.
    """
    rows = session.scalars(select(Rotation).order_by(Rotation.school, Rotation.team_id)).all()
    schools = {row.school: row.zone for row in rows}
    posted = 0
    for school, zone in schools.items():
        if not is_time(session, now, settings.digest_at, school, zone):
            continue
        waiting = counts(session, school)
        if any(waiting.values()):
            teams = [row.team_id for row in rows if row.school == school]
            posted += _post(session, now, school, teams, waiting, seal)
    return posted


def is_time(session: Session, now: int, at: str, what: str, zone: str) -> bool:
    """Whether ``what`` is due, which goes out once a day, at ``at`` or soon after; from now on it is not."""
    local = wall.local_time(now, zone)
    begins = time.fromisoformat(at)
    late = timedelta(hours=local.hour - begins.hour, minutes=local.minute - begins.minute)
    if not timedelta() <= late < LATEST:
        return False
    note = text(
        "INSERT INTO digest (school, day) VALUES (:school, :day) ON CONFLICT DO NOTHING RETURNING day"
    )
    facts = {"school": what, "day": local.date().isoformat()}
    return session.execute(note, facts).first() is not None


def _post(
    session: Session, now: int, school: str, teams: list[str], waiting: Mapping[str, int], seal: Seal
) -> int:
    found = roster.load(session, now, teams)
    ways = [way for one in found.named(0) if (way := readable(found.methods[one]))]
    for method in ways:
        responder = session.get_one(Responder, method.responder_id)
        facts = {"prompt": waiting.get("prompt", 0), "routine": waiting.get("routine", 0)}
        body = render("messages/digest.txt", responder.locale, **facts)
        post(session, now, school, method, body, seal)
    return len(ways)


def post(session: Session, now: int, school: str, way: Contact, body: str, seal: Seal) -> None:
    """A letter by one of a responder's ways, after everything that pages."""
    letters.post(
        session,
        now,
        school=school,
        rank=_RANK,
        sender="pager",
        channel=way.channel,
        sealed_to=session.get_one(ContactMethod, way.id).sealed_address,
        sealed_body=seal(letters.BODY, body.strip().encode()),
    )
