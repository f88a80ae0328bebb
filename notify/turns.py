"""One line of a roster: in which hours of which days it holds, and whose turn it is then. Pure.

Hours and hand-offs are wall times of the school's zone; turns are counted in days, so that a clock change
neither skips nor doubles one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from notify import wall

DAY = timedelta(days=1)
WEEK_DAYS = 7
EVERY_DAY = tuple(range(WEEK_DAYS))
MIDNIGHT = "00:00"


@dataclass(frozen=True)
class Layer:
    """People who take turns, first turn first, from ``begins`` to ``ends`` on ``days`` (0 is Monday).

    No ``days``: on the school's days off. ``ends`` not after ``begins``: on the next day.
    A turn lasts ``every`` days of this layer or, if ``weekly``, weeks from ``handoff_weekday`` at
    ``handoff_time``; 0: the order never changes. The first person has the turn in which ``starts_on`` falls.
    """

    name: str
    people: tuple[str, ...]
    starts_on: date
    days: tuple[int, ...] = EVERY_DAY
    begins: str = MIDNIGHT
    ends: str = MIDNIGHT
    every: int = 1
    weekly: bool = True
    handoff_weekday: int = 0
    handoff_time: str = MIDNIGHT

    def holds_on(self, day: date, days_off: Collection[date]) -> bool:
        return day.weekday() in self.days if self.days else day in days_off

    def window(self, day: date, zone: str) -> tuple[int, int]:
        """From when to when (ms) it holds that begins on ``day``."""
        over = day if self.begins < self.ends else day + DAY
        return wall.moment(day, self.begins, zone), wall.moment(over, self.ends, zone)


def serving(layer: Layer, zone: str, days_off: Collection[date], now: int) -> tuple[str, ...]:
    """The people of ``layer``, beginning with whose turn it is at ``now``; none outside its hours."""
    today = wall.local_time(now, zone).date()
    for day in (today - DAY, today):
        begins, ends = layer.window(day, zone)
        if begins <= now < ends and layer.holds_on(day, days_off):
            turn = _turn(layer, zone, days_off, day, now) % max(len(layer.people), 1)
            return layer.people[turn:] + layer.people[:turn]
    return ()


def changes(layer: Layer, zone: str, days_off: Collection[date], days: Collection[date]) -> Iterator[int]:
    """The moments (ms) of ``days`` at which ``layer`` begins, ends or hands over."""
    for day in days:
        if layer.holds_on(day, days_off):
            yield from layer.window(day, zone)
        if layer.weekly and day.weekday() == layer.handoff_weekday:
            yield wall.moment(day, layer.handoff_time, zone)


def _turn(layer: Layer, zone: str, days_off: Collection[date], day: date, now: int) -> int:
    if not layer.every:
        return 0
    if layer.weekly:
        first = _last_weekday(layer.starts_on, layer.handoff_weekday)
        return (_week_began(layer, zone, now) - first).days // WEEK_DAYS // layer.every
    return _served_days(layer, days_off, layer.starts_on, day) // layer.every


def _served_days(layer: Layer, days_off: Collection[date], first: date, day: date) -> int:
    """How many days of ``layer`` lie between; counted backwards before ``first``.

    Counting calendar days would leave out for ever whoever falls on a day that the layer does not have.
    """
    if day < first:
        return -_served_days(layer, days_off, day, first)
    if not layer.days:
        return sum(first <= one < day for one in days_off)
    weeks, rest = divmod((day - first).days, WEEK_DAYS)
    return weeks * len(layer.days) + sum(
        (first + number * DAY).weekday() in layer.days for number in range(rest)
    )


def _week_began(layer: Layer, zone: str, now: int) -> date:
    day = _last_weekday(wall.local_time(now, zone).date(), layer.handoff_weekday)
    return day if wall.moment(day, layer.handoff_time, zone) <= now else day - WEEK_DAYS * DAY


def _last_weekday(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % WEEK_DAYS)
