"""Alarms: what somebody who runs the host must hear, by a path that is not the outbox."""

import logging
from typing import Protocol

_logger = logging.getLogger("tipline.alarm")


class Alarm(Protocol):
    """``what`` is a fixed word (``nobody_reachable``); it never holds content, names or numbers."""

    def sound(self, what: str) -> None: ...


class LogAlarm:
    """The alarm every install has: one critical line of the log."""

    def sound(self, what: str) -> None:
        _logger.critical("alarm: %s", what)
