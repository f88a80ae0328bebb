"""The install's cry for help, beside the outbox: a critical log line, and a POST to whoever was named."""

import logging
import threading
import time
from collections.abc import Callable

import requests

from notify.alarm import LogAlarm

TIMEOUT_S = 5.0
QUIET_S = 60.0

log = logging.getLogger("wiring.alarm")


class LoudAlarm:
    """Posts the word of the alarm, nothing else, to ``address``; the same word at most once a minute."""

    def __init__(self, address: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sounded: dict[str, float] = {}

    def sound(self, what: str) -> None:
        """Never blocks and never fails: the caller has a message to keep."""
        now = self._monotonic()
        with self._lock:
            if now - self._sounded.get(what, -QUIET_S) < QUIET_S:
                return
            self._sounded[what] = now
        LogAlarm().sound(what)
        if self._address:
            threading.Thread(target=self._post, args=(what,), name="alarm", daemon=True).start()

    def _post(self, what: str) -> None:
        session = requests.Session()
        session.trust_env = False  # as for pages: where it goes is configuration
        try:
            session.post(self._address, data=what, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            log.critical("alarm not posted", extra={"error": type(error).__name__})
