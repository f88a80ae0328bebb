"""Phone numbers: found by keyed hash, and sealed to the line key, which only the pager holds.

The public half of the line key is known to every process.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from vault import envelope, kem
from vault.errors import CannotOpenError
from vault.kem import PrivateKey, PublicKey
from vault.place import HEADER, Kind, Place, pack, without_header

KEY_NAME_BYTES = 8


@dataclass(frozen=True)
class LineKey:
    """The pager's private keys, newest first; an older one opens what was sealed before a rotation."""

    privates: tuple[PrivateKey, ...] = field(repr=False)

    @classmethod
    def from_seeds(cls, *seeds: bytes) -> "LineKey":
        """From one seed of 32 bytes for each key that is still kept, newest first."""
        return cls(tuple(PrivateKey.from_seed(seed) for seed in seeds))

    @property
    def public(self) -> PublicKey:
        """What everybody seals to now."""
        return self.privates[0].public


def number_key(secret: bytes, number: str) -> str:
    """64 hexadecimal digits that find an E.164 ``number`` for those who hold ``secret``."""
    return hmac.new(secret, pack(b"tipline/1/number", number.encode()), hashlib.sha256).hexdigest()


def seal_to_line(public: PublicKey, purpose: str, plaintext: bytes) -> bytes:
    """Seal for the pager alone. ``purpose`` says what it is, and must be named again to open it."""
    return HEADER + _key_name(public) + kem.seal(envelope.pad(plaintext), public, _info(purpose))


def open_from_line(line: LineKey, purpose: str, sealed: bytes) -> bytes:
    """The plaintext. Raises CannotOpenError, also when the key was destroyed since."""
    rest = without_header(sealed)
    name, rest = rest[:KEY_NAME_BYTES], rest[KEY_NAME_BYTES:]
    for private in line.privates:
        if _key_name(private.public) == name:
            return envelope.unpad(kem.unseal(rest, private, _info(purpose)))
    raise CannotOpenError("sealed to a line key that is not held")


def _info(purpose: str) -> bytes:
    return Place(Kind.LINE, recipient=f"line:{purpose}").encode()


def _key_name(public: PublicKey) -> bytes:
    return hashlib.sha256(public.encode()).digest()[:KEY_NAME_BYTES]
