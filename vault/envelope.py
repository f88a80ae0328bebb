"""Sealing under a message key: AES-256-GCM with a key commitment that is checked before anything is opened.

GCM alone opens one ciphertext under two keys; the commitment leaves room for one.
"""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import CannotOpenError
from vault.place import HASH_BYTES, HEADER, Place, pack, without_header

KEY_BYTES = 32
SALT_BYTES = 32
SMALLEST = 1024
OVERHEAD = len(HEADER) + HASH_BYTES + SALT_BYTES + 32 + 16
_NONCE_BYTES = 12
_COMMITMENT_BYTES = 32
_LENGTH_BYTES = 4
_LABEL = b"tipline/1/envelope"


def new_message_key() -> bytes:
    """A fresh key for one message and its assessment. It exists only while sealing and inside its wraps."""
    return secrets.token_bytes(KEY_BYTES)


def seal_text(key: bytes, place: Place, text: bytes) -> bytes:
    """Pad and seal ``text`` at ``place``: header, prev, salt, commitment, then ciphertext with its tag."""
    salt = secrets.token_bytes(SALT_BYTES)
    where = place.encode()
    cipher, nonce, commitment = _derive(key, salt, where)
    sealed = cipher.encrypt(nonce, pad(text), where)
    return HEADER + place.prev + salt + commitment + sealed


def open_text(key: bytes, place: Place, sealed: bytes) -> bytes:
    """The text. Raises CannotOpenError for a wrong key, a wrong place, altered bytes, unknown versions."""
    rest = without_header(sealed)[HASH_BYTES:]
    salt, rest = rest[:SALT_BYTES], rest[SALT_BYTES:]
    where = place.encode()
    cipher, nonce, commitment = _derive(key, salt, where)
    if not hmac.compare_digest(rest[:_COMMITMENT_BYTES], commitment):
        raise CannotOpenError("sealed under another key or for another place")
    try:
        return unpad(cipher.decrypt(nonce, rest[_COMMITMENT_BYTES:], where))
    except InvalidTag as error:
        raise CannotOpenError("altered") from error


def previous(sealed: bytes) -> bytes:
    """The hash of the object that came before. Clear, and authenticated: it is part of the place."""
    prev = without_header(sealed)[:HASH_BYTES]
    if len(prev) != HASH_BYTES:
        raise CannotOpenError("too short")
    return prev


def padded_length(length: int) -> int:
    """max(1,024, Padmé(length)) bytes (Nikitin et al., "Reducing metadata leakage", PETS 2019)."""
    if length <= SMALLEST:
        return SMALLEST
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def pad(text: bytes) -> bytes:
    """Four bytes of length, the text, zeros."""
    whole = len(text).to_bytes(_LENGTH_BYTES, "big") + text
    return whole.ljust(padded_length(len(whole)), b"\0")


def unpad(padded: bytes) -> bytes:
    """The text of ``pad``. Raises CannotOpenError for anything that ``pad`` does not make."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    text = padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if pad(text) != padded:
        raise CannotOpenError("padding is malformed")
    return text


def _derive(key: bytes, salt: bytes, where: bytes) -> tuple[AESGCM, bytes, bytes]:
    """Cipher, nonce and commitment: all three are bound to key, salt and place."""
    length = KEY_BYTES + _NONCE_BYTES + _COMMITMENT_BYTES
    made = HKDF(SHA256(), length, salt, pack(_LABEL, where)).derive(key)
    return AESGCM(made[:KEY_BYTES]), made[KEY_BYTES:-_COMMITMENT_BYTES], made[-_COMMITMENT_BYTES:]
