"""Has a text assessed without ever refusing it: if triage fails, a human is called to read instead."""

import logging
from collections.abc import Callable, Sequence

from triage import Assessment, Urgency

Assess = Callable[[str, Sequence[str]], Assessment]
log = logging.getLogger(__name__)

UNREAD = Assessment(
    urgency=Urgency.URGENT,
    wakes=True,
    categories=(),
    subject="none",
    language="und",
    scored=False,
    mentions_staff=False,
    roles=(),
    signals=(),
    why="triage failed",
    raise_by=(),
    ruleset_hash="",
)


def read(assess: Assess, text: str, recent: Sequence[str]) -> Assessment:
    """What ``assess`` says; if it fails, urgent and unscored, so that somebody is woken to read it."""
    try:
        return assess(text, recent)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with triage, the message must go through
        log.error("triage failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback could quote the text
        return UNREAD
