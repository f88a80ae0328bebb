"""Reads the moments and lengths of time that people type on the command line, by a school's clock."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from notify import wall
from wiring.errors import WiringError

DAY_MS = 86_400_000
MINUTE_MS = 60_000
# Beyond these a year is mistyped, and calendars end somewhere.
FIRST_YEAR, LAST_YEAR = 2000, 2199
_DAYS = re.compile(r"(\d{1,4})d")


@dataclass(frozen=True)
class Asked:
    """A moment (ms), and what must be said about how it was read; empty: nothing."""

    at: int
    says: str = ""


def moment_of(text: str, zone: str) -> Asked:
    """``2027-03-14 02:10`` (or only the day) by the clocks of ``zone``; with an offset, exactly that.

    A wall time that the clocks skip is read an hour later, one that comes twice the first time; it says so.
    """
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        given = None
    if given is None or not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise WiringError(f"{text}: not a moment; write it as 2027-03-14 02:10")
    if given.tzinfo is not None:
        return Asked(round(given.timestamp() * 1000))
    day, shown = given.date(), f"{given:%H:%M}"
    at = wall.moment(day, shown, zone)
    if wall.is_skipped(day, shown, zone):
        read = wall.local_time(at, zone)
        return Asked(at, f"{day} {shown} does not exist: clocks in {zone} skip it. Read as {read:%H:%M}.")
    if (
        wall.local_time(at, zone).utcoffset()
        != given.replace(tzinfo=wall.local_time(at, zone).tzinfo, fold=1).utcoffset()
    ):
        return Asked(at, f"{day} {shown} comes twice: clocks in {zone} go back. Read as the first one.")
    return Asked(at)


def span_of(begins: str, ends: str, zone: str, where: str = "") -> tuple[int, int]:
    """Two typed moments as one span (ms). ``where`` they were typed is said of what is wrong."""
    try:
        span = moment_of(begins, zone).at, moment_of(ends, zone).at
    except WiringError as error:
        raise WiringError(f"{where}{error}") from None
    if span[0] >= span[1]:
        raise WiringError(f"{where}ends before it begins")
    return span


def how_read(texts: Iterable[str], zone: str) -> list[str]:
    """What must be said about how each of these moments was read, if anything."""
    return [said for text in texts if (said := moment_of(text, zone).says)]


def days_of(text: str) -> int:
    """``14d`` in ms."""
    found = _DAYS.fullmatch(text)
    if not found or not int(found[1]):
        raise WiringError(f"{text}: not a number of days; write it as 14d")
    return int(found[1]) * DAY_MS


def clock(at: int, zone: str, *, exact: bool = False) -> str:
    """A moment as a person reads it: ``Sun 2027-03-14 03:10``; with its seconds, if ``exact``."""
    return f"{wall.local_time(at, zone):{'%a %Y-%m-%d %H:%M:%S' if exact else '%a %Y-%m-%d %H:%M'}}"


def span(seconds: float) -> str:
    """A length of time as a person says it: ``10 s``, ``5 min``, ``1 h``."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and not seconds % size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
