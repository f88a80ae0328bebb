"""Times as a reporter reads them: in the school's zone, with the day's name, in their language."""

from datetime import datetime, timedelta
from functools import lru_cache

from babel.dates import format_datetime, format_time, get_timezone_name

from reporting.schools import School

WITHIN_A_WEEK = timedelta(days=7)
_JOINED = {"en": "{day} {time}", "es": "{day} a las {time}"}


@lru_cache(maxsize=1024)
def opening(moment: datetime, now: datetime, locale: str) -> str:
    """A coming moment: ``Monday 7:30 AM``, with the date when it is a week away or more.

    ``now`` is cut to the day by callers, so that the few answers of a day are kept.
    """
    pattern = (
        "EEEE" if moment - now < WITHIN_A_WEEK else ("EEEE, MMMM d" if locale == "en" else "EEEE d 'de' MMMM")
    )
    day = format_datetime(moment, pattern, locale=locale)
    return _JOINED[locale].format(day=day, time=_time(moment, locale))


@lru_cache(maxsize=64)
def zone_name(zone: str, locale: str) -> str:
    """What people call the zone: ``Mountain Time``."""
    return get_timezone_name(zone, width="long", locale=locale)


def past(school: School, minute: int, locale: str) -> str:
    """When a message of a thread was written: weekday, day, time, in the school's zone."""
    return _past(school.local(minute), locale)


@lru_cache(maxsize=4096)
def _past(moment: datetime, locale: str) -> str:
    day = format_datetime(moment, "EEE, MMM d" if locale == "en" else "EEE d MMM", locale=locale)
    return f"{day}, {_time(moment, locale)}"


def _time(moment: datetime, locale: str) -> str:
    """``7:30 AM``, with an ordinary space where CLDR has a narrow one, for old phones and plain searches."""
    said = format_time(moment, "h:mm a", locale=locale).replace("\u202f", " ").replace("\xa0", " ")
    # "a. m." at the end of a sentence would end it twice.
    return said.replace("a. m.", "am").replace("p. m.", "pm")
