"""Who is on call: tables for the days that go wrong, properties for all the others."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify import wall
from notify.oncall import Rotation, handoff_after, on_call

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "Europe/Berlin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
HOUR = 3_600_000


def rotation(**changes: object) -> Rotation:
    facts: dict[str, object] = {
        "responders": ("ana", "ben", "cleo"),
        "zone": "America/New_York",
        "handoff_weekday": 0,
        "handoff_time": "08:00",
        "starts_on": date(2026, 11, 16),
    }
    return Rotation(**(facts | changes))  # type: ignore[arg-type]


def at(text: str, zone: str = "America/New_York") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-16 07:59", "cleo"),
        ("2026-11-16 08:00", "ana"),
        ("2026-11-18 03:00", "ana"),
        ("2026-11-23 07:59", "ana"),
        ("2026-11-23 08:00", "ben"),
        ("2026-11-30 08:00", "cleo"),
        ("2026-12-07 08:00", "ana"),
        ("2026-11-09 08:00", "cleo"),
        ("2027-03-15 07:59", "ben"),
        ("2027-03-15 08:00", "cleo"),
    ],
)
def test_turns_change_on_monday_at_eight(moment: str, expected: str) -> None:
    assert on_call(rotation(), at(moment))[0] == expected


def test_the_others_follow_in_the_order_of_turns() -> None:
    assert on_call(rotation(), at("2026-11-24 12:00")) == ("ben", "cleo", "ana")


def test_a_rotation_may_begin_in_the_middle_of_a_week() -> None:
    began = rotation(starts_on=date(2026, 11, 19))
    assert on_call(began, at("2026-11-19 00:00"))[0] == "ana"
    assert on_call(began, at("2026-11-23 08:00"))[0] == "ben"


def test_nobody_takes_turns_in_an_empty_rotation() -> None:
    assert on_call(rotation(responders=()), at("2026-11-19 00:00")) == ()


def test_handoff_in_the_skipped_hour_comes_an_hour_later() -> None:
    """On 14 March 2027 New York's clocks go from 02:00 to 03:00."""
    sunday = rotation(handoff_weekday=6, handoff_time="02:30", starts_on=date(2027, 3, 7))
    spring = at("2027-03-14 03:30")
    assert on_call(sunday, spring - 1)[0] == "ana"
    assert on_call(sunday, spring)[0] == "ben"


def test_handoff_in_the_doubled_hour_comes_once_the_first_time() -> None:
    """On 7 November 2027 New York's clocks go from 02:00 back to 01:00."""
    sunday = rotation(handoff_weekday=6, handoff_time="01:30", starts_on=date(2027, 10, 31))
    first = at("2027-11-07 01:30")
    people = [on_call(sunday, first + hour * HOUR)[0] for hour in (-1, 0, 1, 2)]
    assert people == ["ana", "ben", "ben", "ben"]


def test_week_of_a_clock_change_is_an_hour_shorter_or_longer() -> None:
    week = 7 * 24 * HOUR
    spring = at("2027-03-08 08:00")
    autumn = at("2027-11-01 08:00")
    assert handoff_after(rotation(), spring) - spring == week - HOUR
    assert handoff_after(rotation(), autumn) - autumn == week + HOUR


rotations = st.builds(
    Rotation,
    responders=st.lists(st.integers(0, 9).map("r{}".format), min_size=1, max_size=6, unique=True).map(tuple),
    zone=st.sampled_from(ZONES),
    handoff_weekday=st.integers(0, 6),
    handoff_time=st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    starts_on=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)
moments = st.integers(at("2025-01-01 00:00"), at("2030-01-01 00:00"))


@given(rotations, moments)
@settings(max_examples=300)
def test_somebody_is_on_call_at_every_moment(who: Rotation, now: int) -> None:
    people = on_call(who, now)
    assert sorted(people) == sorted(who.responders)


@given(rotations, moments)
@settings(max_examples=300)
def test_turns_pass_to_the_next_exactly_at_the_handoff(who: Rotation, now: int) -> None:
    handoff = handoff_after(who, now)
    assert now < handoff <= now + 7 * 24 * HOUR + HOUR
    before, after = on_call(who, handoff - 1), on_call(who, handoff)
    assert on_call(who, now) == before
    assert after == before[1:] + before[:1]


@given(rotations, moments)
@settings(max_examples=100)
def test_nobody_is_skipped_in_a_round(who: Rotation, now: int) -> None:
    seen = []
    for _ in who.responders:
        seen.append(on_call(who, now)[0])
        now = handoff_after(who, now)
    assert sorted(seen) == sorted(who.responders)


@given(rotations, moments)
@settings(max_examples=200)
def test_handoffs_show_the_wall_time_of_the_zone(who: Rotation, now: int) -> None:
    local = wall.local_time(handoff_after(who, now), who.zone)
    hour, minute = map(int, who.handoff_time.split(":"))
    named = timedelta(hours=hour, minutes=minute)
    shown = timedelta(hours=local.hour, minutes=local.minute)
    # A skipped wall time is shown later by what was skipped (Lord Howe: half an hour), also past midnight.
    assert (shown - named) % timedelta(days=1) in {timedelta(), timedelta(minutes=30), timedelta(hours=1)}


def test_moment_is_utc() -> None:
    assert wall.moment(date(2026, 1, 1), "00:00", "UTC") == round(
        datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000
    )
