"""Which wake-up an install uses: datagrams on one machine with SQLite, notices wherever PostgreSQL is."""

from typing import Protocol

from notify.wake import DatagramListener, DatagramWaker, Listener, Waker
from wiring.config import Config


class CloseableWaker(Waker, Protocol):
    def close(self) -> None: ...


class CloseableListener(Listener, Protocol):
    def close(self) -> None: ...


def is_postgresql(config: Config) -> bool:
    return config.database_url.startswith("postgresql")


def waker_for(config: Config) -> CloseableWaker:
    """What wakes the pager, wherever it is."""
    if is_postgresql(config):
        from notify.notices import NoticeWaker  # noqa: PLC0415 - its driver, which SQLite has no use for

        return NoticeWaker(config.database_url)
    return DatagramWaker(config.wake_path)


def listener_for(config: Config) -> tuple[CloseableListener, Waker]:
    """The pager's end, and what wakes it from within its own process, whatever the database does."""
    if is_postgresql(config):
        from notify.notices import NoticeListener  # noqa: PLC0415 - as above

        listener = NoticeListener(config.database_url)
        return listener, listener
    return DatagramListener(config.wake_path), DatagramWaker(config.wake_path)
