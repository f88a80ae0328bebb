"""Where a sealed object belongs. One length-prefixed tuple, used as HPKE ``info`` and as associated data.

An object that is moved, swapped or renumbered no longer matches its place, and so does not open.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vault.errors import CannotOpenError

PROTOCOL = "tipline"
VERSION = 1
SUITE = 1  # MLKEM768_X25519, HKDF-SHA256, AES-256-GCM, Ed25519
HEADER = bytes((VERSION, SUITE))
HASH_BYTES = 32
NOTHING_BEFORE = bytes(HASH_BYTES)
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Kind(StrEnum):
    """What is sealed. The value is part of the place, so that no object passes for another kind."""

    MESSAGE_KEY = "message-key"
    MESSAGE_BODY = "message-body"
    ASSESSMENT = "assessment"
    TEAM_KEY = "team-key"
    LINE = "line"
    NUMBER = "number"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Place:
    """Fields that an object's kind does not use stay empty; ``prev`` is the hash of the object before it."""

    kind: Kind
    install: str = ""
    school: str = ""
    report: str = ""
    message: str = ""
    recipient: str = ""
    author: str = ""
    seq: int = 0
    prev: bytes = NOTHING_BEFORE

    def encode(self) -> bytes:
        """The exact bytes of docs/protocol.md, section "Place"."""
        names = (self.kind, self.install, self.school, self.report, self.message, self.recipient, self.author)
        texts = [name.encode() for name in names]
        return _BEGINNING + pack(*texts, self.seq.to_bytes(8, "big"), self.prev)

    def beside(self, kind: Kind, recipient: str = "") -> "Place":
        """The place of another object of the same message."""
        return Place(
            kind,
            self.install,
            self.school,
            self.report,
            self.message,
            recipient,
            self.author,
            self.seq,
            self.prev,
        )


def pack(*fields: bytes) -> bytes:
    """Each field after its length as four big-endian bytes: no two lists of fields share an encoding."""
    return b"".join([len(field).to_bytes(4, "big") + field for field in fields])


_BEGINNING = pack(PROTOCOL.encode(), HEADER[:1], HEADER[1:])


def unpack(packed: bytes, count: int) -> tuple[bytes, ...]:
    """The ``count`` fields of ``packed``. Raises CannotOpenError when it is not exactly so many."""
    fields: list[bytes] = []
    rest = packed
    while rest and len(fields) < count:
        length = int.from_bytes(rest[:4], "big")
        fields.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    if rest or pack(*fields) != packed or len(fields) != count:
        raise CannotOpenError("a packed list of fields is malformed")
    return tuple(fields)


def without_header(sealed: bytes) -> bytes:
    """What follows version and suite. Raises CannotOpenError for any that this program does not know."""
    if sealed[: len(HEADER)] != HEADER:
        raise CannotOpenError("sealed under an unknown version or suite")
    return sealed[len(HEADER) :]


def canonical(record: Mapping[str, object]) -> bytes:
    """Canonical JSON: keys sorted, no spaces, UTF-8. A lone surrogate becomes U+FFFD: nothing is refused."""
    text = _JSON.encode(record)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
