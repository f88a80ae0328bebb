"""Who is on call: tables for the days that go wrong, properties for all the others."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify import wall
from notify.oncall import Absence, Duty, Plan, Shift, changes, gaps, on_call, on_duty, shifts
from notify.turns import Layer

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "Europe/Berlin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
NEW_YORK = "America/New_York"
PEOPLE = ("ana", "ben", "cleo")
HOUR = 3_600_000
DAY = 24 * HOUR
WORKDAYS = (0, 1, 2, 3, 4)


def layer(**changes: object) -> Layer:
    """Ana, Ben and Cleo by weeks, handed on on Mondays at eight."""
    facts: dict[str, object] = {
        "name": "weeks",
        "people": PEOPLE,
        "handoff_time": "08:00",
        "starts_on": date(2026, 11, 16),
    }
    return Layer(**(facts | changes))  # type: ignore[arg-type]


def rotation(**changes: object) -> Plan:
    return Plan(NEW_YORK, (layer(**changes),))


def at(text: str, zone: str = NEW_YORK) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def first(plan: Plan, moment: str) -> str | None:
    """Whose duty it is."""
    return next(iter(on_duty(plan, at(moment))), None)


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
    assert on_call(rotation(people=()), at("2026-11-19 00:00")) == ()


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
    week = 7 * DAY
    lengths = [
        one.ends - one.begins for one in shifts(rotation(), at("2027-01-04 08:00"), at("2027-12-27 08:00"))
    ]
    assert lengths.count(week - HOUR) == 1
    assert lengths.count(week + HOUR) == 1
    assert set(lengths) == {week - HOUR, week, week + HOUR}


SCHOOL = Plan(
    NEW_YORK,
    (
        layer(name="school days", days=WORKDAYS, begins="07:00", ends="18:00"),
        layer(name="nights", people=("dan", "eve"), begins="18:00", ends="07:00", weekly=False),
        layer(name="weekends", people=("fay", "gus"), days=(5, 6), begins="07:00", ends="18:00"),
        layer(name="days off", people=("hal", "ida"), days=(), begins="07:00", ends="18:00", weekly=False),
    ),
    days_off=frozenset({date(2026, 11, 26), date(2026, 11, 27)}),
)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-18 06:59", "eve"),  # the night that began on Tuesday
        ("2026-11-18 07:00", "ana"),
        ("2026-11-18 17:59", "ana"),
        ("2026-11-18 18:00", "dan"),
        ("2026-11-19 02:00", "dan"),
        ("2026-11-21 12:00", "fay"),
        ("2026-11-26 12:00", "hal"),  # Thanksgiving goes before Thursday
        ("2026-11-27 12:00", "ida"),
        ("2026-11-26 20:00", "dan"),
        ("2026-11-28 12:00", "gus"),
        ("2026-11-30 12:00", "cleo"),
    ],
)
def test_school_days_nights_weekends_and_days_off_have_people_of_their_own(
    moment: str, expected: str
) -> None:
    assert first(SCHOOL, moment) == expected


def test_the_school_has_no_gap_in_five_years() -> None:
    assert gaps(SCHOOL, at("2026-01-01 00:00"), at("2031-01-01 00:00")) == []


def test_a_missing_night_is_a_gap_known_in_advance_and_a_page_calls_everybody() -> None:
    school = replace(SCHOOL, layers=SCHOOL.layers[:1])
    evening, morning = at("2026-11-18 18:00"), at("2026-11-19 07:00")
    assert gaps(school, at("2026-11-18 12:00"), at("2026-11-19 12:00")) == [Shift(None, evening, morning)]
    assert on_call(school, at("2026-11-19 02:10")) == PEOPLE


def test_turns_of_days_count_the_days_of_their_layer_so_that_nobody_always_has_the_weekend() -> None:
    """Seven people on five days a week: by calendar days two of them would never be called."""
    seven = tuple("abcdefg")
    daily = rotation(people=seven, days=WORKDAYS, weekly=False)
    called = [
        one.person for one in shifts(daily, at("2026-11-16 00:00"), at("2026-11-25 00:00")) if one.person
    ]
    assert called == [*seven]


def test_turns_of_two_days_and_of_two_weeks() -> None:
    pairs = rotation(weekly=False, every=2)
    assert [first(pairs, f"2026-11-{day} 12:00") for day in (16, 17, 18, 19, 20, 21, 22)] == [
        *("ana", "ana", "ben", "ben", "cleo", "cleo", "ana")
    ]
    fortnights = rotation(every=2)
    assert [
        first(fortnights, f"2026-{day} 12:00") for day in ("11-16", "11-29", "11-30", "12-13", "12-14")
    ] == [*("ana", "ana", "ben", "ben", "cleo")]


def test_a_fixed_list_never_changes_its_order() -> None:
    fixed = rotation(every=0)
    assert {on_duty(fixed, at(f"2026-12-{day:02} 12:00")) for day in range(1, 32)} == {PEOPLE}


def test_an_override_takes_the_hours_and_nobody_loses_a_turn() -> None:
    covered = replace(rotation(), duties=(Duty("dan", at("2026-11-17 18:00"), at("2026-11-18 06:00")),))
    assert first(covered, "2026-11-17 17:59") == "ana"
    assert on_call(covered, at("2026-11-17 18:00")) == ("dan", *PEOPLE)
    assert first(covered, "2026-11-18 06:00") == "ana"
    assert first(covered, "2026-11-23 08:00") == "ben"


def test_a_swap_changes_only_the_turns_of_the_one_who_is_replaced() -> None:
    week, next_week = at("2026-11-16 08:00"), at("2026-11-23 08:00")
    swapped = replace(
        rotation(),
        duties=(Duty("ben", week, next_week, "ana"), Duty("ana", next_week, next_week + 7 * DAY, "ben")),
    )
    weeks = ("2026-11-16 08:00", "2026-11-23 08:00", "2026-11-30 08:00")
    assert [first(swapped, moment) for moment in weeks] == ["ben", "ana", "cleo"]


def test_a_later_override_wins() -> None:
    day, next_day = at("2026-11-17 00:00"), at("2026-11-18 00:00")
    twice = replace(rotation(), duties=(Duty("dan", day, next_day), Duty("eve", day, next_day)))
    assert on_duty(twice, day)[:2] == ("eve", "dan")


def test_who_is_away_is_not_called_and_the_next_in_turn_is() -> None:
    away = replace(rotation(), absences=(Absence("ana", at("2026-11-17 00:00"), at("2026-11-20 00:00")),))
    assert on_call(away, at("2026-11-17 12:00")) == ("ben", "cleo")
    assert first(away, "2026-11-20 00:00") == "ana"
    assert first(away, "2026-11-23 08:00") == "ben"


def test_when_all_are_away_it_is_a_gap_and_all_are_called() -> None:
    day, next_day = at("2026-11-17 00:00"), at("2026-11-18 00:00")
    empty = replace(rotation(), absences=tuple(Absence(one, day, next_day) for one in PEOPLE))
    assert gaps(empty, day, next_day + DAY) == [Shift(None, day, next_day)]
    assert on_call(empty, day) == PEOPLE


def test_somebody_without_a_phone_leaves_no_gap_while_the_next_has_one() -> None:
    week = (at("2026-11-16 08:00"), at("2026-11-23 08:00"))
    assert [one.person for one in shifts(rotation(), *week, reachable={"cleo"})] == ["cleo"]
    assert [one.person for one in shifts(rotation(), *week, reachable=set())] == [None]


def test_who_left_the_team_is_passed_over_and_nobody_elses_turn_moves() -> None:
    whole, without = rotation(), replace(rotation(), left=frozenset({"ben"}))
    months = (at("2026-11-16 08:00"), at("2027-03-01 08:00"))
    for before, now in zip(shifts(whole, *months), _by_week(without, *months), strict=True):
        assert now == ("cleo" if before.person == "ben" else before.person)
    assert on_call(without, at("2026-11-24 12:00")) == ("cleo", "ana")


def test_where_all_have_left_it_is_a_gap_and_they_are_for_the_last_resort() -> None:
    without = replace(rotation(), left=frozenset(PEOPLE))
    week = (at("2026-11-16 08:00"), at("2026-11-23 08:00"))
    assert [one.person for one in shifts(without, *week)] == [None]
    assert on_call(without, week[0]) == ()
    assert on_call(without.as_if_all_stayed, week[0]) == PEOPLE


def _by_week(plan: Plan, begins: int, ends: int) -> list[str | None]:
    return [next(iter(on_duty(plan, one.begins)), None) for one in shifts(rotation(), begins, ends)]


def test_an_hour_that_the_clocks_skip_belongs_to_no_layer_and_leaves_no_gap() -> None:
    """On 14 March 2027 New York's clocks go from 02:00 to 03:00."""
    odd = Plan(
        NEW_YORK,
        (
            layer(people=("ana",), begins="00:00", ends="02:15"),
            layer(people=("ben",), begins="02:15", ends="02:45"),
            layer(people=("cleo",), begins="02:45", ends="00:00"),
        ),
    )
    night = shifts(odd, at("2027-03-14 00:00"), at("2027-03-14 12:00"))
    assert [(one.person, one.begins) for one in night] == [
        ("ana", at("2027-03-14 00:00")),
        ("ben", at("2027-03-14 03:15")),
        ("cleo", at("2027-03-14 03:45")),
    ]


YEARS = (at("2026-01-01 00:00"), at("2031-01-01 00:00"))
clock_times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
people = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True).map(tuple)
moments = st.integers(*YEARS)
lengths = st.integers(HOUR, 20 * DAY)


@st.composite
def layers(draw: st.DrawFn, begins: str, ends: str, days: tuple[int, ...] = tuple(range(7))) -> Layer:
    return Layer(
        name="any",
        people=draw(people),
        starts_on=draw(st.dates(date(2024, 1, 1), date(2031, 1, 1))),
        days=days,
        begins=begins,
        ends=ends,
        every=draw(st.integers(0, 3)),
        weekly=draw(st.booleans()),
        handoff_weekday=draw(st.integers(0, 6)),
        handoff_time=draw(clock_times),
    )


@st.composite
def whole_plans(draw: st.DrawFn) -> Plan:
    """Layers that meet at each other's hours: every wall time of every day is somebody's."""
    edges = sorted(draw(st.sets(clock_times, min_size=1, max_size=4)))
    pieces = list(pairwise([*edges, edges[0]]))
    split = draw(st.booleans())
    groups = (WORKDAYS, (5, 6)) if split else (tuple(range(7)),)
    listed = [draw(layers(*piece, group)) for piece in pieces for group in groups]
    if draw(st.booleans()):
        listed.append(draw(layers("07:00", "18:00", ())))
    return Plan(
        zone=draw(st.sampled_from(ZONES)),
        layers=tuple(listed),
        days_off=frozenset(draw(st.lists(st.dates(date(2026, 1, 1), date(2031, 1, 1)), max_size=20))),
    )


@st.composite
def disturbed_plans(draw: st.DrawFn, around: int) -> Plan:
    """A layer may be missing, people have left; overrides, swaps and absences ``around`` a moment."""
    plan = draw(whole_plans())
    begins = st.integers(around - 15 * DAY, around + 15 * DAY)
    spans = st.tuples(begins, lengths)
    duties = st.builds(
        lambda who, span, other: Duty(who, span[0], sum(span), other),
        st.sampled_from("abcdefghxy"),
        spans,
        st.none() | st.sampled_from("abcdefgh"),
    )
    absences = st.builds(
        lambda who, span: Absence(who, span[0], sum(span)), st.sampled_from("abcdefgh"), spans
    )
    return replace(
        plan,
        layers=plan.layers[draw(st.integers(0, 1)) :],
        duties=tuple(draw(st.lists(duties, max_size=6))),
        absences=tuple(draw(st.lists(absences, max_size=8))),
        others=("zoe",),
        left=draw(st.frozensets(st.sampled_from("abcdefgh"), max_size=3)),
    )


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Plan, int]:
    around = draw(moments)
    return draw(disturbed_plans(around)), around


@given(whole_plans(), moments)
@settings(max_examples=150, deadline=None)
def test_a_plan_that_covers_the_clock_has_no_gap_in_any_month(plan: Plan, now: int) -> None:
    assert gaps(plan, now, now + 30 * DAY) == []


@pytest.mark.parametrize("zone", ZONES)
def test_a_plan_that_covers_the_clock_has_no_gap_in_five_years(zone: str) -> None:
    assert gaps(replace(SCHOOL, zone=zone), *YEARS) == []


@given(scenes(), st.integers(0, 20 * DAY))
@settings(max_examples=150, deadline=None)
def test_every_minute_is_somebodys_or_an_announced_gap(scene: tuple[Plan, int], later: int) -> None:
    """What is announced for a stretch is what holds at any minute of it: no change happens unseen."""
    plan, now = scene
    minute = now + later
    announced = next(one for one in shifts(plan, now, now + 21 * DAY) if one.begins <= minute < one.ends)
    assert announced.person == next(iter(on_duty(plan, minute)), None)


@given(scenes())
@settings(max_examples=100, deadline=None)
def test_a_page_finds_somebody_at_every_change_and_nobody_absent_while_others_are_there(
    scene: tuple[Plan, int],
) -> None:
    plan, now = scene
    for moment in [now, *changes(plan, now, now + 14 * DAY)]:
        called = on_call(plan, moment)
        away = {one.person for one in plan.absences if one.begins <= moment < one.ends}
        assert called
        assert set(called) & away in (set(), set(called))
        assert plan.left.isdisjoint(called)
        if on_duty(plan, moment):
            assert called[0] == on_duty(plan, moment)[0]


@given(scenes())
@settings(max_examples=100, deadline=None)
def test_shifts_follow_each_other_without_a_break(scene: tuple[Plan, int]) -> None:
    plan, now = scene
    found = shifts(plan, now, now + 30 * DAY)
    assert (found[0].begins, found[-1].ends) == (now, now + 30 * DAY)
    assert all(one.ends == other.begins and one.person != other.person for one, other in pairwise(found))


@given(layers("00:00", "00:00"), st.sampled_from(ZONES), moments)
@settings(max_examples=150, deadline=None)
def test_turns_pass_to_the_next_and_nobody_is_skipped(who: Layer, zone: str, now: int) -> None:
    plan = Plan(zone, (who,))
    length = max(who.every, 1) * (7 if who.weekly else 1) * len(who.people)
    turns = [one.person for one in shifts(plan, now, now + (length + 1) * DAY)]
    if not who.every or len(who.people) == 1:
        assert turns == [turns[0]]
        return
    order = who.people * 3
    begin = order.index(str(turns[0]))
    assert turns == [*order[begin : begin + len(turns)]]
    assert set(turns) == set(who.people)


@given(layers("00:00", "00:00"), st.sampled_from(ZONES), moments)
@settings(max_examples=150, deadline=None)
def test_handoffs_show_the_wall_time_of_the_zone(who: Layer, zone: str, now: int) -> None:
    named = who.handoff_time if who.weekly else "00:00"
    hour, minute = map(int, named.split(":"))
    for one in shifts(Plan(zone, (who,)), now, now + 60 * DAY)[1:]:
        local = wall.local_time(one.begins, zone)
        late = timedelta(hours=local.hour, minutes=local.minute) - timedelta(hours=hour, minutes=minute)
        # A skipped wall time is shown later by what was skipped (Lord Howe: half), also past midnight.
        assert late % timedelta(days=1) in {timedelta(), timedelta(minutes=30), timedelta(hours=1)}


def test_moment_is_utc() -> None:
    assert wall.moment(date(2026, 1, 1), "00:00", "UTC") == round(
        datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000
    )
