"""Ed25519 signatures over length-prefixed tuples: a member's replies and the directory's entries.

The first field of every tuple is a label, so that no signature passes for one of another purpose.
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vault.place import pack

ROOT = "root"


@dataclass(frozen=True)
class Signer:
    """A member's id (``root`` for the root of the directory) and the key with which they sign."""

    member_id: str
    sign_private: Ed25519PrivateKey = field(repr=False)

    def sign(self, *fields: bytes) -> bytes:
        """64 bytes over the length-prefixed ``fields``."""
        return self.sign_private.sign(pack(*fields))


def is_signed(key: Ed25519PublicKey, signature: bytes, *fields: bytes) -> bool:
    """Whether ``key``'s holder signed exactly these ``fields``."""
    try:
        key.verify(signature, pack(*fields))
    except InvalidSignature:
        return False
    return True
