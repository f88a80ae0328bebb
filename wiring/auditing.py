"""The pager's audit thread: chains what was noted, erases seconds, hands the chain's head to a witness.

It counts messages against what was noted of them: one that somebody took out of the database is alarmed.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from notify.alarm import Alarm
from notify.tables import Page
from vault import chain, tally
from vault.chain import BATCH, Chainer, Head
from vault.clock import Clock
from vault.database import Database
from vault.ids import new_id
from wiring.errors import NotFitError
from wiring.ground import Ground
from wiring.secrets import Secrets

ROUND_S = 2.0
CUT_EVERY_S = 600.0
WITNESS_EVERY_S = 3600.0
WITNESS_AGAIN_S = 60.0
TIMEOUT_S = 5.0

log = logging.getLogger("wiring.auditing")


@dataclass
class Auditor:
    """``witness``: a file's path, an https address, or empty."""

    database: Database
    clock: Clock
    chainer: Chainer
    witness: str
    alarm: Alarm
    monotonic: Callable[[], float] = time.monotonic
    _cut_at: float = 0.0
    _odd: frozenset[str] = field(default=frozenset(), repr=False)
    _witness_at: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """A round every two seconds until told to stop."""
        while not stop.wait(ROUND_S):
            try:
                self.round()
            except SQLAlchemyError as error:
                # Another pager may have been quicker; and tracebacks of the database quote rows.
                log.warning("audit round broke off", extra={"error": type(error).__name__})

    def round(self) -> None:
        """Whatever is due."""
        while self._chain() == BATCH:
            pass
        if self.monotonic() >= self._cut_at:
            # Set first: what a busy database breaks off must not keep every round from the witness.
            self._cut_at = self.monotonic() + CUT_EVERY_S
            self._cut()
            self._count()
        if self.witness and self.monotonic() >= self._witness_at:
            pause = WITNESS_EVERY_S if self._tell_witness() else WITNESS_AGAIN_S
            self._witness_at = self.monotonic() + pause

    def _chain(self) -> int:
        with self.database.reading() as session:
            if not chain.waits(session):
                return 0
        with self.database.writing() as session:
            added = self.chainer.chain(session, self.clock.now(session))
        self.chainer.keep(added)
        if added.rewritten:
            self.alarm.sound("audit_rewritten")
        return added.count

    def _cut(self) -> None:
        """Seconds are of use while a page is open. What came before the oldest open one needs none."""
        while event_ids := self._with_seconds():
            with self.database.writing() as session:
                chain.cut_to_minutes(session, event_ids)

    def _count(self) -> None:
        """Alarm what is odd and was not before; it cannot be put right, and must not ring for ever."""
        with self.database.reading() as session:
            found = frozenset(one.what for one in tally.odd(session))
        if found - self._odd:
            self.alarm.sound("messages_missing")
        self._odd = found

    def _with_seconds(self) -> list[int]:
        with self.database.reading() as session:
            oldest = session.scalar(select(func.min(Page.opened_at)).where(Page.next_at.is_not(None)))
            before = self.clock.now(session) if oldest is None else oldest
            return list(chain.with_seconds(session, before))

    def _tell_witness(self) -> bool:
        with self.database.reading() as session:
            head, now = self.chainer.head or chain.end(session), self.clock.now(session)
        if head.seq == 0:
            return True
        try:
            tell(self.witness, head_line(self.chainer.install, head, now))
        except (OSError, requests.RequestException) as error:
            log.error("witness not reached", extra={"error": type(error).__name__})  # noqa: TRY400 - its address
            self.alarm.sound("audit_witness_unreachable")
            return False
        return True


def make_auditor(ground: Ground, alarm: Alarm) -> Auditor:
    """With the pager's signing key."""
    key = Ed25519PrivateKey.from_private_bytes(Secrets(ground.config.folder, "pager").key("audit-key"))
    chainer = Chainer(ground.install, key, new_id())
    return Auditor(ground.database, ground.clock, chainer, ground.config.settings.audit.witness, alarm)


def head_line(install: str, head: Head, now: int) -> str:
    """What a witness gets: JSON, one line. ``at`` in ms; ``link`` and ``signature`` in hexadecimal."""
    facts = {"install": install, "seq": head.seq, "link": head.link.hex(), "signature": head.signature.hex()}
    return json.dumps({"at": now, **facts})


def tell(witness: str, line: str) -> None:
    """Append to a file, or POST. Raises OSError or requests' own."""
    if witness.startswith("/"):
        descriptor = os.open(witness, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        with os.fdopen(descriptor, "a", encoding="ascii") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        return
    session = requests.Session()
    session.trust_env = False  # as for pages: where it goes is configuration
    headers = {"Content-Type": "application/json"}
    session.post(witness, data=line, headers=headers, timeout=TIMEOUT_S).raise_for_status()


def witnessed(file: Path) -> Iterable[Head]:
    """The heads in a witness's file. NotFitError for a line that is none."""
    try:
        return tuple(_heads(file))
    except OSError as error:
        raise NotFitError(f"{file}: cannot be read ({error.strerror})") from None


def _heads(file: Path) -> Iterator[Head]:
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        try:
            facts = json.loads(line)
            yield Head(int(facts["seq"]), bytes.fromhex(facts["link"]), bytes.fromhex(facts["signature"]))
        except (ValueError, TypeError, KeyError):
            raise NotFitError(f"{file}: line {number} is no head of a chain") from None
