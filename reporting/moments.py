"""Times as a reporter reads them: in the school's zone, with the day's name, in their language.

Babel knows the names of days, months and zones; the catalogues say how they are put together, and may put
another word for one of Babel's.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from babel.dates import format_datetime, format_skeleton, get_timezone_name

from reporting.schools import School
from templates.words import catalogue

WITHIN_A_WEEK = timedelta(days=7)
WEEKDAY, DATE, SHORT_DATE = "EEEE", "EEEE, MMMM d", "EEE, MMM d"
COMING, PAST = "%(day)s %(time)s", "%(day)s, %(time)s"


@lru_cache(maxsize=1024)
def opening(moment: datetime, now: datetime, locale: str) -> str:
    """A coming moment: ``Monday 7:30 AM``, with the date when it is a week away or more.

    ``now`` is cut to the day by callers, so that the few answers of a day are kept.
    """
    return _joined(COMING, WEEKDAY if moment - now < WITHIN_A_WEEK else DATE, moment, locale)


@lru_cache(maxsize=64)
def zone_name(zone: str, locale: str) -> str:
    """What people call the zone: ``Mountain Time``."""
    return catalogue(locale).gettext(get_timezone_name(zone, width="long", locale=locale))


def past(school: School, minute: int, locale: str) -> str:
    """When a message of a thread was written: weekday, day, time, in the school's zone."""
    return _past(school.local(minute), locale)


@lru_cache(maxsize=4096)
def _past(moment: datetime, locale: str) -> str:
    return _joined(PAST, SHORT_DATE, moment, locale)


def _joined(order: str, pattern: str, moment: datetime, locale: str) -> str:
    words = catalogue(locale)
    day = format_datetime(moment, words.gettext(pattern), locale=locale)
    day = " ".join(words.gettext(word) for word in day.split(" "))
    return words.gettext(order) % {"day": day, "time": _time(moment, locale)}


def _time(moment: datetime, locale: str) -> str:
    """``7:30 AM``, with an ordinary space where CLDR has a narrow one, for old phones and plain searches."""
    said = format_skeleton("hm", moment, locale=locale).replace("\u202f", " ").replace("\xa0", " ")
    # "a. m." at the end of a sentence would end it twice.
    return said.replace("a. m.", "am").replace("p. m.", "pm")
