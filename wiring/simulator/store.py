"""What the carrier remembers, in a small SQLite file of its own: it survives a restart."""

import sqlite3
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    body TEXT NOT NULL, at_ms INTEGER NOT NULL, status TEXT NOT NULL, inbound INTEGER NOT NULL,
    account TEXT NOT NULL,
    action TEXT NOT NULL DEFAULT '', callback TEXT NOT NULL DEFAULT '', shown INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS message_at ON message (at_ms);
CREATE TABLE IF NOT EXISTS forgotten (id TEXT PRIMARY KEY, whole INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fault (recipient TEXT NOT NULL, mode TEXT NOT NULL, until_ms INTEGER NOT NULL);
"""
_COLUMNS = "id, kind, sender, recipient, body, at_ms, status, inbound, account, action, callback, shown"


@dataclass(frozen=True, slots=True)
class Message:
    """A text or a call. ``action`` is where a call's digits go; ``callback`` where its states are told."""

    id: str
    kind: str
    sender: str
    recipient: str
    body: str
    at_ms: int
    status: str
    inbound: bool
    account: str
    action: str = ""
    callback: str = ""
    shown: bool = True

    def to_json(self) -> dict[str, str]:
        """The contract of ``/messages.json``."""
        at = datetime.fromtimestamp(self.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
        return {
            "id": self.id,
            "kind": self.kind,
            "from": self.sender,
            "to": self.recipient,
            "body": self.body,
            "at": at.replace("+00:00", "Z"),
            "status": self.status,
        }


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Store:
    """One connection behind one lock; the carrier's own load is small."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._sqlite = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._sqlite.execute("PRAGMA journal_mode=WAL")
        self._sqlite.execute("PRAGMA synchronous=NORMAL")
        self._sqlite.executescript(_SCHEMA)

    def add(self, message: Message) -> None:
        values = tuple(getattr(message, name.strip()) for name in _COLUMNS.split(","))
        marks = ",".join("?" * len(values))
        self._run(f"INSERT INTO message ({_COLUMNS}) VALUES ({marks})", values)  # noqa: S608 - constants

    def get(self, message_id: str) -> Message | None:
        found = self._messages("WHERE id = ?", (message_id,))
        return found[0] if found else None

    def shown(self) -> list[Message]:
        """Everything that reached its phone, oldest first."""
        return self._messages("WHERE shown = 1 ORDER BY at_ms, rowid", ())

    def texts_since(self, account: str, number: str, since_ms: int, sender: str = "") -> list[Message]:
        """Texts to ``number``, newest first: those that we sent as ``sender``; without one, what came in."""
        where = "WHERE kind = 'sms' AND account = ? AND recipient = ? AND at_ms >= ?"
        whose = " AND inbound = 0 AND sender = ?" if sender else " AND inbound = 1 AND ? = ''"
        return self._messages(where + whose + " ORDER BY at_ms DESC", (account, number, since_ms, sender))

    def unfinished(self) -> list[Message]:
        """Texts to us whose webhook was not answered yet, and calls that still ring."""
        return self._messages("WHERE status IN ('receiving', 'queued', 'ringing') ORDER BY at_ms", ())

    def set_status(self, message_id: str, status: str) -> None:
        self._run("UPDATE message SET status = ? WHERE id = ?", (status, message_id))

    def show(self, message_id: str) -> None:
        self._run("UPDATE message SET shown = 1, at_ms = ? WHERE id = ?", (now_ms(), message_id))

    def say(self, message_id: str, body: str, action: str) -> None:
        self._run("UPDATE message SET body = ?, action = ? WHERE id = ?", (body, action, message_id))

    def forget(self, message_id: str, *, whole: bool) -> None:
        """The carrier keeps no words, or nothing at all, of it. Phones still show what they got."""
        self._run("INSERT OR REPLACE INTO forgotten VALUES (?, ?)", (message_id, whole))

    def kept(self, message: Message) -> Message | None:
        """What the carrier's own records say of it; None when they were deleted."""
        found = self._run("SELECT whole FROM forgotten WHERE id = ?", (message.id,))
        if not found:
            return message
        return None if found[0][0] else replace(message, body="")

    def add_fault(self, recipient: str, mode: str, until_ms: int) -> None:
        self._run("INSERT INTO fault VALUES (?, ?, ?)", (recipient, mode, until_ms))

    def fault(self, recipient: str) -> tuple[str, int] | None:
        """The newest fault in force for a number (or for ``*``): its mode and its end in ms."""
        query = (
            "SELECT mode, until_ms FROM fault WHERE recipient IN (?, '*') AND until_ms > ? "
            "ORDER BY rowid DESC LIMIT 1"
        )
        rows = self._run(query, (recipient, now_ms()))
        return (str(rows[0][0]), int(rows[0][1])) if rows else None

    def _messages(self, where: str, values: tuple[str | int, ...]) -> list[Message]:
        rows = self._run(f"SELECT {_COLUMNS} FROM message {where}", values)  # noqa: S608 - constants
        return [_message(row) for row in rows]

    def _run(self, query: str, values: tuple[str | int | bool, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._sqlite.execute(query, values).fetchall()


def _message(row: tuple[Any, ...]) -> Message:
    named = dict(zip((name.strip() for name in _COLUMNS.split(",")), row, strict=True))
    return Message(**{**named, "inbound": bool(named["inbound"]), "shown": bool(named["shown"])})
