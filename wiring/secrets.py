"""Secret files: one value a file, under ``secrets/<process>/`` beside the configuration.

A process opens only its own folder, and in production the operating system holds it to that.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from wiring.config import Config
from wiring.errors import SecretError

KEY_BYTES = 32
FOLDER = "secrets"
RESTORE = "restore it from your backup"
ASK_CARRIER = "write the carrier's token into it, then: chmod 600"
ASK_MAIL = "write the mail server's password into it, then: chmod 600"
SECONDARY = "-secondary"

# Which process holds what (docs/architecture.md has the same table, with the reasons).
HOLDERS: Mapping[str, tuple[str, ...]] = {
    "public": (
        "form-key",
        "receipt-pepper",
        "reporter-number-key",
        "responder-number-key",
        "carrier-line-token",
        "carrier-pager-token",
        "carrier-second-token",
        "line-public",
    ),
    "staff": ("form-cookie-key", "responder-number-key", "line-public"),
    "pager": (
        "line-private",
        "audit-key",
        "responder-number-key",
        "carrier-line-token",
        "carrier-pager-token",
        "carrier-second-token",
        "mail-password",
    ),
    "simulator": ("carrier-line-token", "carrier-pager-token", "responder-number-key"),
}


class Secrets:
    """The secrets of one process."""

    def __init__(self, folder: Path, process: str) -> None:
        self.folder = folder / FOLDER / process

    def text(self, name: str) -> str:
        """The one line of file ``name``. SecretError when missing, empty or open to others."""
        path = self.folder / name
        try:
            _refuse_loose(path)
            value = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise SecretError(f"{path}: {name}: missing; {_remedy(name)}") from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not plain text"
            raise SecretError(f"{path}: {name}: cannot be read ({reason}); {_remedy(name)}") from None
        if not value:
            raise SecretError(f"{path}: {name}: empty; {_remedy(name)}")
        return value

    def tokens(self, name: str) -> tuple[str, ...]:
        """The token in file ``name``; while tokens rotate, also the one in ``name-secondary``."""
        more = (self.text(name + SECONDARY),) if (self.folder / (name + SECONDARY)).exists() else ()
        return (self.text(name), *more)

    def key(self, name: str) -> bytes:
        """32 bytes, written in the file as 64 hexadecimal digits."""
        return self.keys(name)[0]

    def keys(self, name: str) -> tuple[bytes, ...]:
        """One key of 32 bytes a line, newest first."""
        found = tuple(self._bytes(name, line) for line in self.text(name).split())
        if any(len(key) != KEY_BYTES for key in found):
            raise SecretError(
                f"{self.folder / name}: {name}: not {2 * KEY_BYTES} hexadecimal digits; {RESTORE}"
            )
        return found

    def blob(self, name: str) -> bytes:
        """Bytes of any length, written as hexadecimal digits."""
        return self._bytes(name, self.text(name))

    def write(self, name: str, value: str) -> None:
        """Keep ``value`` in a new file that only this user can read. An existing file is left as it is."""
        # What exists keeps its owner and mode: systemd-tmpfiles may have set them.
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        try:
            descriptor = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(value + "\n")

    def _bytes(self, name: str, text: str) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise SecretError(f"{self.folder / name}: {name}: not hexadecimal digits; {RESTORE}") from None


def check_install(config: Config) -> tuple[str, ...]:
    """The processes of this install; SecretError unless each finds everything it must hold."""
    settings = config.settings
    wanted = {
        "carrier-line-token": settings.carrier.line.number,
        "carrier-second-token": settings.carrier.second.number,
        "mail-password": settings.mail.host and settings.mail.user,
    }
    processes = tuple(one for one in HOLDERS if one != "simulator" or settings.simulator.enabled)
    for process in processes:
        for name in HOLDERS[process]:
            if wanted.get(name, name):
                Secrets(config.folder, process).tokens(name)
    return processes


def _remedy(name: str) -> str:
    if name == "mail-password":
        return ASK_MAIL
    return ASK_CARRIER if name.startswith("carrier-") else RESTORE


def _refuse_loose(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise SecretError(f"{path}: {path.name}: others can read it (mode {mode:04o}); run: chmod 600 {path}")
