"""Which processes do their work: each writes its pulse, for those who watch and for a person who asks."""

from sqlalchemy import text
from sqlalchemy.orm import Session

WELL = "well"
PAGER = "pager"
WATCHMAN = "watchman"

_NOTE = text(
    "INSERT INTO pulse (process, at, state) VALUES (:process, :now, :state) "
    "ON CONFLICT (process) DO UPDATE SET at = excluded.at, state = excluded.state"
)


def note(session: Session, now: int, process: str, state: str = WELL) -> None:
    """``process`` works at ``now``. ``state``: a word, as the watchman's alarms have them."""
    session.execute(_NOTE, {"process": process, "now": now, "state": state})
