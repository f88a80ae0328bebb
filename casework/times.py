"""Moments as the school's own clock shows them, and ages as a number and a unit; the words are templates'."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, format_time

MINUTE: Final = 60_000
_HOUR: Final = 60 * MINUTE
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Moment:
    """``text`` for people (day, time, zone), ``iso`` for machines."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Age:
    """``unit``: now, minutes, hours or days. Whole units, cut, never rounded up."""

    number: int
    unit: str


def moment(at: int, zone: str, locale: str) -> Moment:
    """``at`` (ms since 1970) on the clocks of ``zone``, as ``Mon, Nov 23, 2:14 AM CST``."""
    when = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))
    day = format_skeleton("MMMEd", when, locale=locale)
    return Moment(f"{day}, {format_time(when, 'short', locale=locale)} {when.tzname()}", when.isoformat())


def exact(at: int, zone: str, locale: str) -> Moment:
    """As ``moment``, with the year, and with the second unless it was erased (``2:14:05 AM``)."""
    when = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))
    day = format_skeleton("yMMMEd", when, locale=locale)
    clock = format_time(when, "medium" if at % MINUTE else "short", locale=locale)
    return Moment(f"{day}, {clock} {when.tzname()}", when.isoformat(timespec="milliseconds"))


def age(now: int, since: int) -> Age:
    """How long ago ``since`` was; a clock that ran backwards gives ``now``."""
    passed = max(0, now - since)
    for unit, size in (("days", 2 * _DAY), ("hours", 2 * _HOUR), ("minutes", MINUTE)):
        if passed >= size:
            return Age(passed // {"days": _DAY, "hours": _HOUR, "minutes": MINUTE}[unit], unit)
    return Age(0, "now")
