"""Acknowledgements while the public process is down: the pager asks the carrier for the answers itself.

The same text may also come by webhook; whoever takes it first leaves its keyed id, and the other passes.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notify import emptying, letters, replies
from notify.answers import MayOpen
from notify.channels import InboundText, Outlet
from notify.errors import TransportError
from notify.settings import PagingSettings
from notify.tables import Page
from notify.wake import Waker
from notify.webhooks import answer_text
from vault.clock import Clock, minute_of
from vault.database import Database
from vault.errors import VaultError
from vault.keyed import number_key

_logger = logging.getLogger("tipline.inbound")
_LATEST_MS = 24 * 3600 * 1000
_RANK = 1


def take_once(session: Session, now: int, secret: bytes, sid: str) -> bool:
    """Whether the carrier's message ``sid`` is new to this install; from now on it is not.

    ``secret`` is the responder-number key, which the public process and the pager share.
    """
    note = text(
        "INSERT INTO carrier_receipt (sid_key, at_minute) VALUES (:key, :minute) ON CONFLICT DO NOTHING"
        " RETURNING sid_key"
    )
    facts = {"key": number_key(secret, sid), "minute": minute_of(now)}
    return session.execute(note, facts).first() is not None


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

    def run(self, stop: threading.Event) -> None:
        """Ask every ``poll_carrier_s``, while a page is open."""
        while not stop.wait(self.settings.poll_carrier_s):
            try:
                self.poll()
            except (SQLAlchemyError, VaultError) as error:
                _logger.error("a poll failed: %s", type(error).__name__)  # noqa: TRY400 - tracebacks hold content

    def poll(self) -> int:
        """Ask once; how many new texts there were."""
        since = self._since()
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

    def _since(self) -> int | None:
        with self.database.reading() as session:
            now = self.clock.now(session)
            opened = session.scalar(select(func.min(Page.opened_at)).where(Page.state == "open"))
        return None if opened is None else max(opened, now - _LATEST_MS)

    def _take(self, found: InboundText, sender: str) -> bool:
        with self.database.writing() as session:
            now = self.clock.now(session)
            if not take_once(session, now, self.secret, found.sid):
                return False
            emptying.note(session, now, sender, found.sid)
            from_key = number_key(self.secret, found.from_number)
            result = replies.take(session, now, self.directory(session), from_key, found.body)
            letters.post(
                session,
                now,
                school="",
                rank=_RANK,
                sender=sender,
                sealed_to=self.seal(letters.ADDRESS, found.from_number.encode()),
                sealed_body=self.seal(letters.BODY, answer_text(result).encode()),
            )
        return True
