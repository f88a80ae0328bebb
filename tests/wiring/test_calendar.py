"""A school's days off: its state's holidays, its own days, and those on which it is open all the same."""

from dataclasses import replace
from datetime import date

import pytest

from reporting.schools import School
from wiring import calendar, ground
from wiring.config import Config
from wiring.settings import SchoolSection


def school(**changes: object) -> SchoolSection:
    facts: dict[str, object] = {"id": "maple", "name": "Maple", "zone": "America/Denver", "covered": {}}
    return SchoolSection(**(facts | changes))  # type: ignore[arg-type]


def test_holidays_of_the_state_and_the_schools_own_days_without_those_it_is_open_on() -> None:
    own = school(holidays="US-CO", closed=("2026-11-27", "2026-12-30..2027-01-02"), open_on=("2026-10-05",))
    off = calendar.days_off(own, 2026)
    assert {date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 31), date(2031, 7, 4)} <= off
    assert date(2026, 10, 5) not in off
    assert date(2026, 10, 5) in calendar.days_off(school(holidays="US-CO"), 2026)
    assert date(2026, 11, 25) not in off


def test_a_school_that_names_nothing_has_no_day_off() -> None:
    assert calendar.days_off(school(), 2026) == frozenset()


@pytest.mark.parametrize(
    ("text", "known"), [("US", True), ("US-CO", True), ("US-XX", False), ("Colorado", False)]
)
def test_known_calendars(text: str, known: bool) -> None:
    assert calendar.is_known(text) is known


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-11-25", True),
        ("2026-12-21..2027-01-01", True),
        ("2027-01-01..2026-12-21", False),
        ("2026-01-01..2028-01-01", False),
        ("25 November", False),
    ],
)
def test_days_and_spans_of_days(text: str, good: bool) -> None:
    assert calendar.is_span(text) is good


def test_days_off_close_the_hours_that_reporters_are_told(demo: Config) -> None:
    section = replace(demo.settings.schools[0], closed=("2026-11-23..2026-11-27",))
    changed = replace(demo, settings=replace(demo.settings, schools=(section,)))
    made: School = ground.schools_of(changed)[section.id]
    monday = made.next_open(1_795_456_000_000)  # in that week
    assert monday.date() == date(2026, 11, 30)
