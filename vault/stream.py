"""A sealed file of any length, written and read in pieces: docs/protocol.md, section 4.11.

One fresh key, sealed to the recovery key; under it 64 KiB pieces, numbered, the last one marked (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that none can be moved, dropped or cut off.
"""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault import kem
from vault.envelope import new_message_key
from vault.errors import BackupError, CannotOpenError
from vault.ids import new_id
from vault.kem import PrivateKey, PublicKey
from vault.place import HEADER, Kind, Place, pack, unpack

PIECE = 65_536
TAG = 16
LATEST = 253_402_300_799_999  # the last moment of the year 9999, in ms
_MAGIC = b"tipline-backup"
_LABEL = b"tipline/1/backup-stream"
_FIELDS = 7
_LONGEST_OPENING = 4096


@dataclass(frozen=True)
class Opening:
    """What a backup says to everybody: of which install it is, its random name, and when it expires (ms)."""

    install: str
    name: str
    expires: int
    sealed_key: bytes

    def encode(self) -> bytes:
        """Length, then the packed fields."""
        texts = self.install.encode(), self.name.encode()
        whole = pack(_MAGIC, HEADER[:1], HEADER[1:], *texts, self.expires.to_bytes(8, "big"), self.sealed_key)
        return len(whole).to_bytes(4, "big") + whole


class Writer:
    """Seals what is written to it. Until ``close``, what is in ``file`` cannot be opened."""

    def __init__(self, file: BinaryIO, to: PublicKey, install: str, expires: int) -> None:
        key, name = new_message_key(), new_id()
        opening = Opening(install, name, expires, kem.seal(key, to, _info(install, name)))
        self._file = file
        self._cipher = _cipher(key, opening)
        self._number = 0
        self._rest = bytearray()
        file.write(opening.encode())

    def write(self, data: bytes) -> None:
        self._rest += data
        while len(self._rest) > PIECE:
            self._seal(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]

    def close(self) -> None:
        """Seal what is left, and mark it as the end."""
        self._seal(bytes(self._rest), last=True)
        self._rest.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


class Reader:
    """Opens what a ``Writer`` sealed. BackupError for anything else, CannotOpenError for another key."""

    def __init__(self, file: BinaryIO, private: PrivateKey) -> None:
        self.opening = read_opening(file)
        info = _info(self.opening.install, self.opening.name)
        key = kem.unseal(self.opening.sealed_key, private, info)
        self._file = file
        self._cipher = _cipher(key, self.opening)
        self._number = 0
        self._next = file.read(PIECE + TAG)
        if not self._next:
            raise BackupError("the backup is cut off or altered")
        self._rest = bytearray()

    def read(self, size: int) -> bytes:
        """``size`` bytes, or fewer at the end."""
        while len(self._rest) < size and self._next:
            self._open()
        data = bytes(self._rest[:size])
        del self._rest[:size]
        return data

    def _open(self) -> None:
        piece, self._next = self._next, self._file.read(PIECE + TAG)
        try:
            self._rest += self._cipher.decrypt(_nonce(self._number, last=not self._next), piece, None)
        except InvalidTag as error:
            raise BackupError("the backup is cut off or altered") from error
        self._number += 1


def read_opening(file: BinaryIO) -> Opening:
    """The clear beginning of a backup; it is believed only once the rest opens."""
    length = int.from_bytes(file.read(4), "big")
    whole = file.read(min(length, _LONGEST_OPENING))
    try:
        magic, version, suite, install, name, expires, sealed_key = unpack(whole, _FIELDS)
        if magic != _MAGIC or version + suite != HEADER or len(expires) != 8:  # noqa: PLR2004 - bytes of a moment
            raise BackupError("not a backup that this tipline can read")
        found = Opening(install.decode(), name.decode(), int.from_bytes(expires, "big"), sealed_key)
    except (CannotOpenError, UnicodeDecodeError) as error:
        raise BackupError("not a backup of tipline") from error
    if found.expires > LATEST:
        raise BackupError("not a backup of tipline")
    return found


def _info(install: str, name: str) -> bytes:
    return Place(Kind.BACKUP, install=install, message=name, recipient="recovery").encode()


def _cipher(key: bytes, opening: Opening) -> AESGCM:
    """Bound to every byte of the opening."""
    about = pack(_LABEL, hashlib.sha256(opening.encode()).digest())
    return AESGCM(HKDF(SHA256(), 32, None, about).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))
