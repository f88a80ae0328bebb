"""Wall times of a school's zone, turned into moments. Pure, so that hand-offs can be tested over years.

A wall time that the clock change skips is read an hour later; one that happens twice, the first time.
"""

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=4096)
def moment(day: date, wall: str, zone: str) -> int:
    """When the clocks of ``zone`` show ``wall`` (``HH:MM``) on ``day``, in ms since 1970 (UTC)."""
    local = datetime.combine(day, time.fromisoformat(wall), tzinfo=ZoneInfo(zone))
    return round(local.timestamp() * 1000)


def local_time(now_ms: int, zone: str) -> datetime:
    """What the clocks of ``zone`` show at ``now_ms``."""
    return datetime.fromtimestamp(now_ms / 1000, tz=ZoneInfo(zone))


def is_skipped(day: date, wall: str, zone: str) -> bool:
    """Whether the clocks of ``zone`` never show ``wall`` on ``day``."""
    shown = local_time(moment(day, wall, zone), zone)
    return shown.replace(tzinfo=None) != datetime.combine(day, time.fromisoformat(wall))
