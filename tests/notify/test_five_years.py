"""Five years of any roster, in six zones: no minute is without somebody that the gaps did not announce."""

from bisect import bisect_right
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify import wall
from notify.oncall import Absence, Duty, Plan, changes, gaps, on_call, on_duty, shifts
from notify.turns import Layer

# Half an hour of daylight saving, the southern hemisphere, none at all, and midnight that is skipped.
ZONES = (
    "America/Denver",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Europe/Dublin",
)
BEGAN = date(2026, 1, 1)
DAYS = 5 * 365 + 2
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
WORKDAYS = (0, 1, 2, 3, 4)
SAMPLED = 400
seeds = st.integers(0, 2**32)


def plan(chance: Random, zone: str) -> Plan:
    """Layers that meet, overlap or leave holes; overrides, swaps and absences all over the five years."""
    edges = sorted(chance.sample([f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)], 3))
    layers = [
        layer(chance, begins, ends, chance.choice((WORKDAYS, tuple(range(7)))))
        for begins, ends in pairwise([*edges, edges[0]])
    ]
    layers += [layer(chance, "07:00", "18:00", ()), layer(chance, "18:00", "07:00", (5, 6))]
    begins = wall.moment(BEGAN, "00:00", zone)
    off = frozenset(BEGAN + timedelta(days=chance.randrange(DAYS)) for _ in range(60))
    return Plan(
        zone,
        tuple(layers[chance.randint(0, 2) :]),
        off,
        tuple(duty(chance, begins) for _ in range(40)),
        tuple(Absence(chance.choice("abcdef"), *span(chance, begins)) for _ in range(40)),
        others=("zoe",),
        left=frozenset(chance.sample("abcdef", chance.randint(0, 2))),
    )


def layer(chance: Random, begins: str, ends: str, days: tuple[int, ...]) -> Layer:
    return Layer(
        "any",
        tuple(chance.sample("abcdef", chance.randint(1, 4))),
        BEGAN + timedelta(days=chance.randrange(-400, 400)),
        days,
        begins,
        ends,
        every=chance.randint(0, 3),
        weekly=chance.random() < 1 / 2,
        handoff_weekday=chance.randrange(7),
        handoff_time=chance.choice(("00:00", "02:30", "07:00")),
    )


def span(chance: Random, begins: int) -> tuple[int, int]:
    """Some minutes to some weeks of the five years, to the minute."""
    since = begins + chance.randrange(DAYS) * DAY + chance.randrange(24 * 60) * MINUTE
    return since, since + chance.choice((7, 90, 60 * 24 * 3, 60 * 24 * 21)) * MINUTE


def duty(chance: Random, begins: int) -> Duty:
    return Duty(chance.choice("abcdefx"), *span(chance, begins), chance.choice((None, None, "a", "b")))


def years(zone: str) -> tuple[int, int]:
    return wall.moment(BEGAN, "00:00", zone), wall.moment(BEGAN + timedelta(days=DAYS), "00:00", zone)


@pytest.mark.parametrize("zone", ZONES)
@given(seed=seeds)
@settings(max_examples=2, deadline=None)
def test_no_minute_is_uncovered_that_was_not_announced(zone: str, seed: int) -> None:
    """Looked at: minutes on both sides of changes, and any others; at each of them a page finds somebody."""
    chance = Random(seed)  # noqa: S311 - a roster is no secret
    found, (begins, ends) = plan(chance, zone), years(zone)
    announced = gaps(found, begins, ends)
    starts = [gap.begins for gap in announced]
    moments = chance.sample(changes(found, begins, ends), SAMPLED)
    minutes = [moment + side for moment in moments for side in (-MINUTE, 0)]
    minutes += [chance.randrange(begins, ends) for _ in range(SAMPLED)]
    for minute in minutes:
        place = bisect_right(starts, minute) - 1
        is_announced = place >= 0 and minute < announced[place].ends
        assert is_announced == (not on_duty(found, minute))
        assert on_call(found, minute)
        assert found.left.isdisjoint(on_call(found, minute))


@pytest.mark.parametrize("zone", ZONES)
@given(seed=seeds)
@settings(max_examples=2, deadline=None)
def test_turns_are_whole_weeks_of_the_clock_and_their_hours_add_up(zone: str, seed: int) -> None:
    """A week with a clock change is shorter or longer; no hour between two moments is lost or doubled."""
    chance = Random(seed)  # noqa: S311 - a roster is no secret
    weeks = replace(layer(chance, "00:00", "00:00", tuple(range(7))), weekly=True, every=1, people=("a", "b"))
    begins, ends = years(zone)
    turns = shifts(Plan(zone, (weeks,)), begins, ends)
    assert sum(one.ends - one.begins for one in turns) == ends - begins
    for one in turns[1:-1]:
        first, last = wall.local_time(one.begins, zone), wall.local_time(one.ends, zone)
        shown = last.replace(tzinfo=None) - first.replace(tzinfo=None)
        moved = (last.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
        assert timedelta(milliseconds=one.ends - one.begins) == shown - moved
        assert abs(shown - timedelta(days=7)) <= timedelta(hours=1)
