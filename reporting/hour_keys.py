"""Keys that live for two hours: what was sealed under an older one is gone for good.

One file an hour, shared by the public processes of a host; a texter's kinds of signal are sealed under it.
"""

import os
import secrets
from pathlib import Path

HOUR_MS = 3_600_000
KEPT_HOURS = 1
SIZE = 32


class HourKeys:
    """Keys in ``folder`` (0700), each a file of 32 random bytes named after its hour since 1970."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self, hour: int) -> bytes:
        """The key of ``hour``, made if this is the first use; older ones are destroyed then."""
        found = self.past(hour)
        if found is None:
            self._make(hour)
            self._destroy_before(hour - KEPT_HOURS)
            found = self.past(hour)
        return found or b""

    def past(self, hour: int) -> bytes | None:
        """The key of an hour, or None when there was none or it is destroyed."""
        try:
            return self._path(hour).read_bytes()
        except FileNotFoundError:
            return None

    def _make(self, hour: int) -> None:
        """Whole or not there: written beside, then linked, so that no process reads half a key."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._folder / f".{secrets.token_hex(8)}"
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
        try:
            os.link(beside, self._path(hour))
        except FileExistsError:
            pass  # another process was first; its key is the hour's
        finally:
            beside.unlink()

    def _destroy_before(self, hour: int) -> None:
        for path in self._folder.glob("hour-*"):
            if int(path.name.removeprefix("hour-")) < hour:
                path.unlink(missing_ok=True)

    def _path(self, hour: int) -> Path:
        return self._folder / f"hour-{hour}"
