"""Moments on the school's clock, and ages."""

import pytest

from casework.times import Age, age, moment

SUMMER_EVENING = 1_783_652_400_000
MINUTE = 60_000


def test_a_moment_is_shown_on_the_clock_of_the_school_with_its_zone() -> None:
    shown = moment(SUMMER_EVENING, "America/Chicago", "en")
    assert shown.text.replace("\u202f", " ") == "Thu, Jul 9, 10:00 PM CDT"
    assert shown.iso == "2026-07-09T22:00:00-05:00"


def test_a_moment_in_spanish() -> None:
    assert moment(SUMMER_EVENING, "America/Chicago", "es").text == "jue, 9 jul, 22:00 CDT"


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (-MINUTE, Age(0, "now")),
        (59_999, Age(0, "now")),
        (MINUTE, Age(1, "minutes")),
        (119 * MINUTE, Age(119, "minutes")),
        (120 * MINUTE, Age(2, "hours")),
        (47 * 60 * MINUTE, Age(47, "hours")),
        (49 * 60 * MINUTE, Age(2, "days")),
    ],
)
def test_an_age_is_cut_to_whole_units(passed: int, expected: Age) -> None:
    assert age(SUMMER_EVENING, SUMMER_EVENING - passed) == expected
