"""Which processes do their work: each writes its pulse, for those who watch and for a person who asks."""

from sqlalchemy import text
from sqlalchemy.orm import Session

WELL = "well"
PAGER = "pager"
WATCHMAN = "watchman"

# No two clocks of one install differ by more: his last pulse lies further ahead only if time went back.
AHEAD_MS = 5_000

# The watchman sees by his pulse that it did: until he has moved the deadlines no beat of his may cover it up.
_NOTE = text(
    "INSERT INTO pulse (process, at, state) VALUES (:process, :now, :state) "
    "ON CONFLICT (process) DO UPDATE SET at = excluded.at, state = excluded.state "
    "WHERE pulse.process <> :watchman OR pulse.at <= excluded.at + :ahead"
)


def note(session: Session, now: int, process: str, state: str = WELL) -> None:
    """``process`` works at ``now``. ``state``: a word, as the watchman's alarms have them."""
    session.execute(
        _NOTE, {"process": process, "now": now, "state": state, "watchman": WATCHMAN, "ahead": AHEAD_MS}
    )
