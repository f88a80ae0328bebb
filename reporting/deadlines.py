"""Read deadlines: by when a person must have read a message, whatever its band.

The times are the targets of good programs: urgent within an hour (four when nobody is at school), prompt
within one school day, routine within three; whatever the holidays, self-harm within a day, all within three.
"""

from reporting.schools import School, to_ms
from triage import Urgency

MINUTE = 60_000
HOUR = 60 * MINUTE
IMMEDIATE_MS = 15 * MINUTE
URGENT_COVERED_MS = HOUR
URGENT_OTHERWISE_MS = 4 * HOUR
PROMPT_DAYS = 1
ROUTINE_DAYS = 3
SELF_HARM_MS = 24 * HOUR
LATEST_MS = 72 * HOUR


def read_deadline(school: School, urgency: Urgency, now: int, *, self_harm: bool = False) -> int:
    """When somebody must have read a message of this band that arrives ``now`` (ms)."""
    if urgency is Urgency.IMMEDIATE:
        return now + IMMEDIATE_MS
    if urgency is Urgency.URGENT:
        return now + (URGENT_COVERED_MS if school.covered(now) else URGENT_OTHERWISE_MS)
    days = PROMPT_DAYS if urgency is Urgency.PROMPT else ROUTINE_DAYS
    latest = SELF_HARM_MS if self_harm and urgency is Urgency.PROMPT else LATEST_MS
    return min(to_ms(school.later(now, days)), now + latest)
