"""Members' texts while the public process is down: the pager asks the carrier for them itself.

The same text may also come by webhook; whoever takes it first leaves its keyed id, and the other passes.
"""

import itertools
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notify import incoming, letters
from notify.alarm import Alarm
from notify.answers import MayOpen
from notify.channels import InboundText, Outlet
from notify.errors import TransportError
from notify.incoming import Incoming, Taken
from notify.settings import PagingSettings
from notify.tables import Page
from notify.wake import Waker
from vault.clock import Clock
from vault.database import Database
from vault.errors import VaultError
from vault.keyed import number_key

_logger = logging.getLogger("tipline.inbound")
CALM_S = 300
# Twice that: what came while one question failed.
CALM_MS = 2 * CALM_S * 1000
_LATEST_MS = 24 * 3600 * 1000
_RANK = 1


@dataclass(frozen=True)
class Poller:
    """``outlets``: the numbers to which members answer, by sender. ``directory(session)``: the one in force.

    ``seal(purpose, plaintext)``: to the line key.
    """

    database: Database
    clock: Clock
    outlets: Mapping[str, Outlet]
    directory: Callable[[Session], MayOpen]
    seal: Callable[[str, bytes], bytes]
    secret: bytes = field(repr=False)
    settings: PagingSettings
    waker: Waker
    alarm: Alarm

    def run(self, stop: threading.Event) -> None:
        """Ask every ``poll_carrier_s`` while a page is open, else every five minutes."""
        calm = max(round(CALM_S / self.settings.poll_carrier_s), 1)
        for turn in itertools.count():
            if stop.wait(self.settings.poll_carrier_s):
                return
            try:
                self.poll(calmly=turn % calm == 0)
            except (SQLAlchemyError, VaultError) as error:
                _logger.error("a poll failed: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content

    def poll(self, *, calmly: bool = False) -> int:
        """Ask once; how many new texts there were.

        ``calmly``: although no page may be open. A STOP or START comes at any time.
        """
        since = self._since(calmly=calmly)
        if since is None:
            return 0
        taken = sum(
            self._take(found, sender) for sender in self.outlets for found in self._ask(sender, since)
        )
        if taken:
            self.waker.wake()
        return taken

    def _ask(self, sender: str, since: int) -> list[InboundText]:
        outlet = self.outlets[sender]
        try:
            return outlet.provider.inbound(outlet.number, since)
        except TransportError as error:
            _logger.warning("the carrier was not asked: %s", error.code)
            return []

    def _since(self, *, calmly: bool) -> int | None:
        with self.database.reading() as session:
            now = self.clock.now(session)
            opened = session.scalar(select(func.min(Page.opened_at)).where(Page.state == "open"))
        asked = [*([opened] if opened is not None else []), *([now - CALM_MS] if calmly else [])]
        return max(min(asked), now - _LATEST_MS) if asked else None

    def _take(self, found: InboundText, sender: str) -> bool:
        taken = self.database.insist(partial(self._heed, found, sender))
        if taken is None:
            return False
        if taken.alarm:
            self.alarm.sound(taken.alarm)
        return True

    def _heed(self, found: InboundText, sender: str, session: Session) -> Taken | None:
        """None: it came already."""
        now = self.clock.now(session)
        if not incoming.take_once(session, now, self.secret, sender, found.sid):
            return None
        given = Incoming(sender, found.sid, number_key(self.secret, found.from_number), found.body)
        taken = incoming.take(session, now, self.directory(session), given)
        if taken.answer:
            self._answer(session, now, sender, found.from_number, taken.answer)
        return taken

    def _answer(self, session: Session, now: int, sender: str, number: str, words: str) -> None:
        letters.post(
            session,
            now,
            school="",
            rank=_RANK,
            sender=sender,
            sealed_to=self.seal(letters.ADDRESS, number.encode()),
            sealed_body=self.seal(letters.BODY, words.encode()),
        )
