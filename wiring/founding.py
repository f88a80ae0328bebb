"""Founds an install: its id, its keys, its database with the root of the team directory, its recovery words.

Everything is made in a folder beside the real one, which takes its place only when it is complete.
"""

import secrets as randomness
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from vault import directory as directories
from vault import kem, migrate
from vault.database import Database
from vault.directory import Directory
from vault.ids import new_id
from vault.kem import PublicKey
from vault.keyed import LineKey
from vault.recovery import RecoveryKeys, words_from_seed
from vault.tables import Install
from wiring.errors import WiringError
from wiring.secrets import Secrets

CONFIG = "config.toml"
DATABASE = "tipline.db"


@dataclass(frozen=True)
class Founded:
    """A new install. ``words`` are shown once and kept nowhere."""

    install: str
    directory: Directory
    recovery: RecoveryKeys = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True)
class Keys:
    """What the processes of a new install share: keys as bytes, and the carrier's tokens."""

    responder_numbers: bytes = field(repr=False)
    line: PublicKey
    line_seed: bytes = field(repr=False)
    audit: Ed25519PrivateKey = field(repr=False)

    @property
    def audit_public(self) -> str:
        """What the configuration pins, in hexadecimal."""
        return self.audit.public_key().public_bytes_raw().hex()


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill; it becomes ``folder`` at the end of the block, or vanishes on an error.

    A ``folder`` that exists may hold folders (as docs/install/tmpfiles.conf makes); they keep owner and mode.
    """
    there = folder.exists()
    if there and any(not path.is_dir() for path in folder.rglob("*")):
        raise WiringError(f"{folder}: holds files but no {CONFIG}; move them away, or name another folder")
    # Inside what exists, it is on the same disk even if that is a mounted one.
    making = (folder if there else folder.parent) / f".{folder.name}-{randomness.token_hex(4)}"
    making.mkdir(mode=0o700, parents=True)
    try:
        yield making
        if there:
            _move_into(making, folder)
        else:
            making.replace(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _move_into(made: Path, folder: Path) -> None:
    """Everything of ``made``; the configuration last, so that a half-moved install is never taken for one."""
    for path in sorted(made.rglob("*"), key=lambda path: (path.name == CONFIG, path)):
        target = folder / path.relative_to(made)
        if path.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
        else:
            path.replace(target)


def found(session: Session, seed: bytes) -> Founded:
    """Begin the directory in an empty database. ``seed``: a new one, which becomes the recovery words."""
    install = new_id()
    recovery = RecoveryKeys.from_seed(seed)
    session.add(Install(id=1, install_id=install))
    directory = directories.add_root(session, recovery.signer, install, recovery.kem.public)
    return Founded(install, directory, recovery, words_from_seed(seed))


@contextmanager
def new_database(url: str) -> Iterator[Database]:
    """The database at ``url`` with its tables. WiringError when it already belongs to an install."""
    with closing(Database(url)) as database:
        migrate.upgrade(database)
        with database.reading() as session:
            if session.get(Install, 1) is not None:
                remedy = "use another, or the configuration that belongs to it"
                raise WiringError(f"this database belongs to an install already; {remedy}")
        yield database


def make_keys() -> Keys:
    """New ones."""
    seed = kem.new_seed()
    return Keys(kem.new_seed(), LineKey.from_seeds(seed).public, seed, Ed25519PrivateKey.generate())


def write_secrets(folder: Path, keys: Keys, tokens: Mapping[str, str]) -> None:
    """Give each process its own files. ``tokens``: the carrier's, by file name; the operator adds others."""
    numbers, line = keys.responder_numbers.hex(), keys.line.encode().hex()
    held = {
        "public": {
            "form-key": kem.new_seed().hex(),
            "receipt-pepper": kem.new_seed().hex(),
            "reporter-number-key": kem.new_seed().hex(),
            "responder-number-key": numbers,
            "line-public": line,
            **tokens,
        },
        "staff": {
            "form-cookie-key": kem.new_seed().hex(),
            "responder-number-key": numbers,
            "line-public": line,
        },
        "pager": {
            "line-private": keys.line_seed.hex(),
            "audit-key": keys.audit.private_bytes_raw().hex(),
            "responder-number-key": numbers,
            **tokens,
        },
    }
    for process, values in held.items():
        for name, value in values.items():
            Secrets(folder, process).write(name, value)
