"""All that is left to chance: when pages come, who hears which call, how long they take.

Each draw has a generator of its own, named by what it is about, so that no order of rows changes a result.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from notify import escalation, wall
from notify.channels import CALL
from notify.escalation import Quiet
from wiring.foresight.file import Plan

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
SPREAD = 0.6  # of the logarithm: one answer in six takes longer than 1.8 medians


@dataclass(frozen=True)
class Arrival:
    """The page ``number``, which comes at ``at`` (ms)."""

    at: int
    number: int
    urgency: str
    wakes: bool
    night: bool


@dataclass(frozen=True)
class Chance:
    """The draws of one simulation."""

    plan: Plan
    seed: int

    def is_night(self, now: int) -> bool:
        hours = Quiet(self.plan.zone, self.plan.paging.night_from, self.plan.paging.night_to)
        return escalation.quiet_until(hours, now) is not None

    def arrivals(self) -> list[Arrival]:
        """Every page of the days asked for, in order."""
        found = sorted((at, urgency) for urgency in escalation.PAGED for at in self._moments(urgency))
        return [
            Arrival(at, number, urgency, self._wakes(number, urgency), self.is_night(at))
            for number, (at, urgency) in enumerate(found)
        ]

    def answers_after(self, now: int, page: int, login: str, channel: str, count: int) -> int | None:
        """Milliseconds until ``login`` answers the ``count``-th try by ``channel``; None: never."""
        habits, night = self.plan.habits_of(login), self.is_night(now)
        if self._of(page, login, "away").random() < habits.away.at(night=night):
            return None
        chance, minutes = (
            (habits.call, habits.call_minutes) if channel == CALL else (habits.text, habits.text_minutes)
        )
        draw = self._of(page, login, channel, count)
        if draw.random() >= chance.at(night=night):
            return None
        return round(minutes.at(night=night) * MINUTE_MS * draw.lognormvariate(0, SPREAD))

    def _moments(self, urgency: str) -> Iterator[int]:
        """A Poisson stream whose rate is of the hour: drawn at the highest rate, then thinned."""
        draw, rate = self._of(urgency), getattr(self.plan.load, urgency)
        first, zone = self.plan.first_day, self.plan.zone
        at: float = wall.moment(first, "00:00", zone)
        ends = wall.moment(first + timedelta(days=self.plan.load.days), "00:00", zone)
        highest = max(rate.day, rate.night)
        while (at := at + (draw.expovariate(highest) * HOUR_MS if highest else math.inf)) < ends:
            if draw.random() * highest < rate.at(night=self.is_night(int(at))):
                yield int(at)

    def _wakes(self, number: int, urgency: str) -> bool:
        return urgency != "immediate" and self._of(number, "wakes").random() < self.plan.load.urgent_wakes

    def _of(self, *about: str | int) -> Random:
        return Random(" ".join(map(str, (self.seed, *about))))  # noqa: S311 - a simulation, which must repeat
