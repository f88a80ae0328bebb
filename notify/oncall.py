"""Who is on call: a pure function of a rotation and a moment. No database, no clock.

Hand-offs are wall times of the rotation's zone, so that a clock change neither skips nor doubles a turn.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from notify import wall

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Rotation:
    """Responder ids who take weekly turns, in order.

    ``handoff_weekday`` 0 is Monday. The first responder has the week in which ``starts_on`` falls.
    """

    responders: tuple[str, ...]
    zone: str
    handoff_weekday: int
    handoff_time: str
    starts_on: date


def on_call(rotation: Rotation, now_ms: int) -> tuple[str, ...]:
    """Everyone of ``rotation``, beginning with the one on call at ``now_ms``, then in the order of turns.

    Holds at every moment, before ``starts_on`` too; empty only when the rotation has nobody.
    """
    people = rotation.responders
    if not people:
        return ()
    weeks = (_week_began(rotation, now_ms) - _first_week(rotation)).days // WEEK.days
    turn = weeks % len(people)
    return people[turn:] + people[:turn]


def handoff_after(rotation: Rotation, now_ms: int) -> int:
    """The moment (ms) of the next hand-off."""
    return _handoff(rotation, _week_began(rotation, now_ms) + WEEK)


def _week_began(rotation: Rotation, now_ms: int) -> date:
    day = _last_weekday(wall.local_time(now_ms, rotation.zone).date(), rotation.handoff_weekday)
    return day if _handoff(rotation, day) <= now_ms else day - WEEK


def _first_week(rotation: Rotation) -> date:
    return _last_weekday(rotation.starts_on, rotation.handoff_weekday)


def _handoff(rotation: Rotation, day: date) -> int:
    return wall.moment(day, rotation.handoff_time, rotation.zone)


def _last_weekday(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % 7)
