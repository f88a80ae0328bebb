"""What the public side must know of a school: its name, its zone and when somebody there reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from reporting.errors import SettingsError
from templates.languages import OFFERED

Hours = tuple[tuple[time, time], ...]
LONGEST_BREAK_DAYS = 120


@dataclass(frozen=True)
class School:
    """One school. ``hours``: weekday (0 is Monday) to its covered spans, local time, in order.

    ``withdrawal``: a reporter may take a thread back.
    """

    id: str
    name: str
    zone: str
    hours: Mapping[int, Hours]
    languages: tuple[str, ...] = ("en", "es")
    demo: bool = False
    closed_days: frozenset[date] = field(default_factory=frozenset)
    withdrawal: bool = False

    def __post_init__(self) -> None:
        if not any(self.hours.values()):
            raise SettingsError(f"school {self.id}: hours: at least one weekday needs covered hours")
        if not self.languages or not OFFERED.keys() >= set(self.languages):
            raise SettingsError(f"school {self.id}: languages: write one or more of {', '.join(OFFERED)}")

    @cached_property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def local(self, now: int) -> datetime:
        """The school's wall clock at ``now`` (ms)."""
        return datetime.fromtimestamp(now / 1000, self.timezone)

    def covered(self, now: int) -> bool:
        """Whether somebody reads at this moment."""
        here = self.local(now)
        return any(start <= here.time() < end for start, end in self._spans(here.date()))

    def next_open(self, now: int) -> datetime:
        """The next beginning of covered hours after ``now``, in the school's zone."""
        return self._opening(self.local(now))

    def later(self, now: int, days: int) -> datetime:
        """``days`` covered days on, at the same local time; outside covered hours, from the next opening."""
        at = self.local(now) if self.covered(now) else self.next_open(now)
        for _ in range(days):
            day = at.date() + timedelta(days=1)
            while not self._spans(day) and day < at.date() + timedelta(days=LONGEST_BREAK_DAYS):
                day += timedelta(days=1)
            at = datetime.combine(day, at.time(), self.timezone)
        return at

    def _opening(self, after: datetime) -> datetime:
        for offset in range(LONGEST_BREAK_DAYS):
            day = after.date() + timedelta(days=offset)
            for start, _ in self._spans(day):
                at = datetime.combine(day, start, self.timezone)
                if at > after:
                    return at
        # A break longer than four months: say the end of it rather than nothing.
        return after + timedelta(days=LONGEST_BREAK_DAYS)

    def _spans(self, day: date) -> Hours:
        return () if day in self.closed_days else self.hours.get(day.weekday(), ())


def to_ms(moment: datetime) -> int:
    """An aware moment in ms since 1970."""
    return round(moment.timestamp() * 1000)
