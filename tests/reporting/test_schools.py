"""When somebody at school reads: covered hours, closed days, changes of clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting import moments
from reporting.deadlines import read_deadline
from reporting.errors import SettingsError
from reporting.schools import School, to_ms
from tests.reporting.world import FRIDAY_NIGHT, HOUR, MAPLE, MINUTE, WEDNESDAY
from triage import Urgency

moments_in_years = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants them naive
    lambda moment: to_ms(moment.replace(tzinfo=UTC))
)


def test_covered_is_from_the_first_minute_to_before_the_last() -> None:
    opening = to_ms(datetime(2026, 11, 18, 7, 30, tzinfo=MAPLE.timezone))
    closing = to_ms(datetime(2026, 11, 18, 16, 0, tzinfo=MAPLE.timezone))
    assert not MAPLE.covered(opening - 1)
    assert MAPLE.covered(opening)
    assert MAPLE.covered(closing - 1)
    assert not MAPLE.covered(closing)


def test_the_next_opening_skips_the_weekend_and_closed_days() -> None:
    assert MAPLE.next_open(FRIDAY_NIGHT) == datetime(2026, 11, 23, 7, 30, tzinfo=MAPLE.timezone)
    shut = replace(MAPLE, closed_days=frozenset({date(2026, 11, 23), date(2026, 11, 24)}))
    assert shut.next_open(FRIDAY_NIGHT) == datetime(2026, 11, 25, 7, 30, tzinfo=MAPLE.timezone)


@given(moments_in_years)
def test_an_opening_is_always_ahead_and_covered(now: int) -> None:
    opens = to_ms(MAPLE.next_open(now))
    assert opens > now
    assert MAPLE.covered(opens)
    assert not MAPLE.covered(opens - MINUTE)


@given(moments_in_years, st.sampled_from(list(Urgency)))
def test_a_read_deadline_is_ahead_and_more_urgent_ones_come_first(now: int, urgency: Urgency) -> None:
    deadlines = [read_deadline(MAPLE, band, now) for band in Urgency]
    assert deadlines == sorted(deadlines)
    assert read_deadline(MAPLE, urgency, now) > now


def test_read_deadlines_follow_school_days() -> None:
    assert read_deadline(MAPLE, Urgency.IMMEDIATE, WEDNESDAY) == WEDNESDAY + 15 * MINUTE
    assert read_deadline(MAPLE, Urgency.URGENT, WEDNESDAY) == WEDNESDAY + HOUR
    assert read_deadline(MAPLE, Urgency.URGENT, FRIDAY_NIGHT) == FRIDAY_NIGHT + 4 * HOUR
    assert MAPLE.local(read_deadline(MAPLE, Urgency.PROMPT, WEDNESDAY)).strftime("%a %H:%M") == "Thu 10:00"
    assert read_deadline(MAPLE, Urgency.PROMPT, FRIDAY_NIGHT) == FRIDAY_NIGHT + 72 * HOUR
    assert MAPLE.local(read_deadline(MAPLE, Urgency.ROUTINE, WEDNESDAY)).strftime("%a %H:%M") == "Sat 10:00"


def test_a_school_that_never_reads_is_refused() -> None:
    with pytest.raises(SettingsError, match="covered hours"):
        School("elm", "Elm School", "America/Denver", {0: ()})


@pytest.mark.parametrize("languages", [(), ("es", "sp")])
def test_a_school_that_would_answer_in_no_language_is_refused(languages: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="write one or more of en, es, ar"):
        replace(MAPLE, languages=languages)


def test_a_far_opening_is_said_with_its_date() -> None:
    now = datetime(2026, 12, 18, tzinfo=MAPLE.timezone)
    opens = datetime.combine(date(2027, 1, 4), time(7, 30), MAPLE.timezone)
    assert moments.opening(opens, now, "en") == "Monday, January 4 7:30 AM"
    assert moments.opening(opens, now, "es") == "lunes 4 de enero a las 7:30 am"
    assert moments.opening(opens, now, "ar") == "الاثنين، 4 يناير الساعة 7:30 ص"
    assert moments.opening(opens, now, "zh") == "1月4日星期一上午7:30"


def test_what_babel_lacks_of_a_language_is_in_its_catalogue() -> None:
    """It knows no Haitian calendar and lends the French one."""
    opening = datetime(2026, 1, 5, 7, 30, tzinfo=MAPLE.timezone)
    days = [moments.opening(opening + timedelta(days=n), opening, "ht").split()[0] for n in range(7)]
    assert days == ["lendi", "madi", "mèkredi", "jedi", "vandredi", "samdi", "dimanch"]
    never = datetime.min.replace(tzinfo=UTC)
    months = [moments.opening(opening.replace(month=n), never, "ht").split()[2] for n in range(1, 13)]
    assert " ".join(months) == "janvye fevriye mas avril me jen jiyè out septanm oktòb novanm desanm"
    assert moments.zone_name("America/New_York", "ht") == "lè lès Etazini"


def test_read_deadlines_wait_for_no_holiday() -> None:
    """Three weeks closed: self-harm is read within a day all the same, everything within three."""
    closed = replace(MAPLE, closed_days=frozenset(date(2026, 12, 21) + timedelta(days=n) for n in range(21)))
    sunday = to_ms(datetime(2026, 12, 20, 12, tzinfo=MAPLE.timezone))
    assert read_deadline(closed, Urgency.PROMPT, sunday, self_harm=True) == sunday + 24 * HOUR
    assert read_deadline(closed, Urgency.PROMPT, sunday) == sunday + 72 * HOUR
    assert read_deadline(closed, Urgency.ROUTINE, sunday) == sunday + 72 * HOUR
