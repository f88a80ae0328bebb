"""Who may call the carrier's webhooks: whoever signed with a token of the number that the call is about.

A wrong address in the configuration makes every signature wrong and silently kills the line: a wave alarms.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from notify.channels import PAGER, SECOND
from reporting.settings import PublicSecrets, PublicSettings
from reporting.signature import is_signed

log = logging.getLogger(__name__)


@dataclass
class Wave:
    """Says once that ``limit`` things happened within ``ms``, then counts anew. Kept in memory only."""

    limit: int
    ms: int
    _seen: deque[int] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def breaks(self, now: int) -> bool:
        with self._lock:
            self._seen.append(now)
            while self._seen[0] <= now - self.ms:
                self._seen.popleft()
            if len(self._seen) < self.limit:
                return False
            self._seen.clear()
            return True


class Guard:
    """``wall``: milliseconds. ``alarm`` hears of waves."""

    def __init__(
        self,
        settings: PublicSettings,
        secrets: PublicSecrets,
        wall: Callable[[], int],
        alarm: Callable[[str], None],
    ) -> None:
        self._settings, self._secrets, self._wall, self._alarm = settings, secrets, wall, alarm
        # Only the carrier knows our accounts' ids: three of its calls refused are our own mistake. Others
        # are strangers who try the door; few of them are the Internet's daily weather, and wake nobody.
        self._ours = Wave(limit=3, ms=3_600_000)
        self._anybody = Wave(limit=20, ms=600_000)

    def admits(self, number: str, target: str, form: MultiDict[str, str], signature: str) -> bool:
        """Whether ``number``'s account signed this POST to ``target`` (path with query)."""
        if is_signed(self._tokens(number), self._settings.address + target, form, signature):
            return True
        log.warning("a webhook without the carrier's signature was refused")
        wave = self._ours if form.get("AccountSid", "") in self._settings.accounts else self._anybody
        if wave.breaks(self._wall()):
            self._alarm("webhooks_refused")
        return False

    def _tokens(self, number: str) -> tuple[str, ...]:
        held = self._secrets
        own = {"line": held.line_tokens, PAGER: held.pager_tokens, SECOND: held.second_tokens}
        sender = self._settings.sender_of(number)
        # Of a number that is not ours, any account may tell us so.
        return own[sender] if sender else sum(own.values(), ())
