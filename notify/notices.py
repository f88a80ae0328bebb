"""The wake-up between processes on PostgreSQL: NOTIFY says "look", on any host. A hint, like the datagram."""

import contextlib
import os
import select
import threading
import time

import psycopg
from sqlalchemy import make_url

CHANNEL = "tipline_wake"
CONNECT_S = 3
AGAIN_S = 1.0
_ENOUGH = 4096


class NoticeWaker:
    """NOTIFY by a thread with a connection of its own: ``wake`` never waits, and many wake-ups become one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._asked = threading.Event()
        self._closed = False
        threading.Thread(target=self._run, name="waker", daemon=True).start()

    def wake(self) -> None:
        self._asked.set()

    def close(self) -> None:
        self._closed = True
        self._asked.set()

    def _run(self) -> None:
        connection: psycopg.Connection | None = None
        while self._asked.wait() and not self._closed:
            self._asked.clear()
            try:
                connection = connection or self._connect()
                connection.execute(f"NOTIFY {CHANNEL}")
            except psycopg.Error:
                # The sweep finds the row within a second; the next wake-up tries again.
                _drop(connection)
                connection = None
        _drop(connection)

    def _connect(self) -> psycopg.Connection:
        connection = _connect(self._url)
        # A notice is a transaction; nobody must wait until it is on disk.
        connection.execute("SET synchronous_commit = off")
        return connection


class NoticeListener:
    """The pager's end, on a connection of its own; ``wake`` does the same from within this process.

    While the database is away it is asked again each second; the sweep needs no notice.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None
        self._try_at = 0.0
        self._own, self._inside = os.pipe()
        os.set_blocking(self._own, False)
        os.set_blocking(self._inside, False)

    def wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it is awake already
            os.write(self._inside, b"!")

    def wait(self, timeout_s: float) -> bool:
        """True as soon as somebody woke us (many wake-ups become one), False after ``timeout_s``."""
        if self._connection is None:
            self._listen()
        sources = [self._own] + ([self._connection.fileno()] if self._connection else [])
        ready = select.select(sources, [], [], max(timeout_s, 0))[0]
        if self._own in ready:
            os.read(self._own, _ENOUGH)
        if ready and ready != [self._own]:
            self._read()
        return bool(ready)

    def close(self) -> None:
        _drop(self._connection)
        os.close(self._own)
        os.close(self._inside)

    def _listen(self) -> None:
        if time.monotonic() < self._try_at:
            return
        self._try_at = time.monotonic() + AGAIN_S
        try:
            self._connection = _connect(self._url)
            self._connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error:
            self._lose()

    def _read(self) -> None:
        if self._connection is None:
            return
        try:
            for _ in self._connection.notifies(timeout=0):
                pass
        except psycopg.Error:
            self._lose()

    def _lose(self) -> None:
        _drop(self._connection)
        self._connection = None


def _connect(url: str) -> psycopg.Connection:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(
        address,
        autocommit=True,
        connect_timeout=CONNECT_S,
        tcp_user_timeout=3000,
        target_session_attrs="read-write",
        application_name="tipline wake",
    )


def _drop(connection: psycopg.Connection | None) -> None:
    if connection is not None:
        with contextlib.suppress(psycopg.Error):
            connection.close()
