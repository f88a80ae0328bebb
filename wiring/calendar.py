"""A school's days off: public holidays of its country or state, and the days that the school names itself."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from wiring.settings import SchoolSection

YEARS_BEFORE = 1
YEARS_AFTER = 5
LONGEST_DAYS = 366
_BETWEEN = ".."


def days_off(school: SchoolSection, year: int) -> frozenset[date]:
    """Every day on which ``school`` is closed, from the year before ``year`` to five after it."""
    years = range(year - YEARS_BEFORE, year + YEARS_AFTER + 1)
    return frozenset({*_public(school.holidays, years), *_days(school.closed)} - {*_days(school.open_on)})


def is_known(place: str) -> bool:
    """Whether ``place`` (``US``, ``US-CO``) has a calendar of public holidays."""
    import holidays  # noqa: PLC0415 - a process that needs no calendar starts without it

    country, _, state = place.partition("-")
    states = holidays.list_supported_countries().get(country)
    return states is not None and (not state or state in states)


def is_span(text: str) -> bool:
    """Whether ``text`` is a day, or a span of a year at most."""
    try:
        first, last = _span(text)
    except ValueError:
        return False
    return timedelta() <= last - first < timedelta(days=LONGEST_DAYS)


def _public(place: str, years: Iterable[int]) -> Iterator[date]:
    if place:
        import holidays  # noqa: PLC0415 - as above

        country, _, state = place.partition("-")
        yield from holidays.country_holidays(country, subdiv=state or None, years=years)


def _days(spans: Iterable[str]) -> Iterator[date]:
    for first, last in map(_span, spans):
        yield from (first + timedelta(days=number) for number in range((last - first).days + 1))


def _span(text: str) -> tuple[date, date]:
    first, _, last = text.partition(_BETWEEN)
    return date.fromisoformat(first), date.fromisoformat(last or first)
