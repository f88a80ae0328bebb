"""The heartbeat to a dead-man's switch outside, which rings when nobody says that all is well."""

import logging
import threading
import time
from collections.abc import Callable

import requests

EVERY_S = 60.0
AGAIN_S = 10.0
TIMEOUT_S = 5.0

log = logging.getLogger("wiring.heartbeat")


class Heartbeat:
    """Posts to ``address``, without content, once a minute; an empty address: nowhere."""

    def __init__(self, address: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._monotonic = monotonic
        self._next = monotonic()
        self._posting: threading.Thread | None = None

    def beat(self) -> None:
        """All is well at this moment. Never blocks and never fails."""
        now = self._monotonic()
        if not self._address or now < self._next or (self._posting and self._posting.is_alive()):
            return
        self._next = now + EVERY_S
        self._posting = threading.Thread(target=self._post, name="heartbeat", daemon=True)
        self._posting.start()

    def _post(self) -> None:
        session = requests.Session()
        session.trust_env = False  # as for pages: where it goes is configuration
        try:
            session.post(self._address, data=b"", timeout=TIMEOUT_S).raise_for_status()
        except requests.RequestException as error:
            self._next = self._monotonic() + AGAIN_S
            log.warning("heartbeat not taken", extra={"error": type(error).__name__})
