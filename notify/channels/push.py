"""Push through Apprise: one address reaches ntfy, Slack, Teams, Pushover, Matrix and a hundred others.

An address is Apprise's URL and holds the target's token: it is sealed like a phone number, and never logged.
"""

import logging
import re
import threading
from functools import cache
from typing import TYPE_CHECKING

from notify.channels import Parcel, SentText
from notify.channels.faults import fault_of
from notify.channels.within import Within
from notify.errors import TransportError

if TYPE_CHECKING:
    import apprise

# What they say where a target's server refused: "…, error=404."
_STATUS = re.compile(r"error=(\d{3})\b")
# They end on this machine's own desk.
_LOCAL = frozenset({"syslog", "dbus", "qt", "glib", "gio", "kde", "gnome", "macosx", "windows"})


class Silence(logging.Filter):
    """Keeps every line of Apprise out of our logs, and notes the status that its last one named.

    It quotes addresses with their tokens, and answers only yes or no otherwise.
    """

    def __init__(self) -> None:
        super().__init__()
        self._heard = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        found = _STATUS.search(record.getMessage())
        if found:
            self._heard.status = found[1]
        return False

    def forget(self) -> None:
        self._heard.status = ""

    @property
    def status(self) -> str:
        """The HTTP status by which this thread's last try was refused, or nothing."""
        return getattr(self._heard, "status", "")


class Push:
    """One push takes ``timeout_s`` at most, ``at_once`` go together."""

    def __init__(self, timeout_s: float = 2.5, at_once: int = 8) -> None:
        self._timeout_s = timeout_s
        self._within = Within(at_once, "push")

    def send(self, parcel: Parcel) -> str:
        """Hand it to whoever serves the address; nothing by which they would know it later."""
        try:
            code = self._within.do(self._timeout_s, lambda: _notify(parcel))
        except TimeoutError:
            raise TransportError("timeout", permanent=False) from None
        if code:
            raise TransportError(code, permanent=fault_of(code).permanent)
        return ""

    def earlier(self, to: str, since: int) -> list[SentText]:
        """Nothing: hardly any of them tells what it took."""
        del to, since
        return []


def is_address(url: str) -> bool:
    """Whether Apprise knows where ``url`` leads, and it leads away from this machine's own desk."""
    return _target(url) is not None


def _notify(parcel: Parcel) -> str:
    """The code of what went wrong, or nothing."""
    target = _target(parcel.to)
    if target is None:
        return "push_address"
    silence = _silence()
    silence.forget()
    try:
        if target.notify(body=parcel.body, title=parcel.title):
            return ""
    except Exception:  # noqa: BLE001 - a hundred services, each with errors of its own that may quote the address
        return "push_failed"
    return f"push_{silence.status}" if silence.status else "push_failed"


def _target(url: str) -> "apprise.NotifyBase | None":
    _silence()
    # Loaded when the first push leaves: no other process and no install without push has to.
    import apprise  # noqa: PLC0415

    if url.partition(":")[0].lower() in _LOCAL:
        return None
    asset = apprise.AppriseAsset(
        app_id="Tipline",
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        plugin_paths=[],
        allow_templates=False,
    )
    asset.http_redirects = False
    return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


@cache
def _silence() -> Silence:
    silence = Silence()
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    logger.addFilter(silence)
    # At a lower level it would quote paths.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    return silence
