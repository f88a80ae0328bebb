"""Sealing to a public key: HPKE with the hybrid post-quantum KEM of ML-KEM-768 and X25519 (X-Wing).

A private key is a seed of 32 bytes; everything else is derived from it.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from vault.errors import BadKeyError, CannotOpenError
from vault.place import HEADER, without_header

SEED_BYTES = 32
PUBLIC_BYTES = 1216
_MLKEM_SEED_BYTES = 64
_MLKEM_PUBLIC_BYTES = 1184
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PROBE = X25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")


@dataclass(frozen=True)
class PublicKey:
    """Who can be sealed to. Two are equal when their bytes are."""

    raw: bytes = field(repr=False)
    hpke: MLKEM768X25519PublicKey = field(repr=False, compare=False)

    def encode(self) -> bytes:
        """1,216 bytes: the ML-KEM-768 public key, then the X25519 one."""
        return self.raw

    @cached_property
    def fingerprint(self) -> str:
        """What a message says of the keys it was sealed to."""
        return fingerprint(self.raw)

    @classmethod
    def decode(cls, raw: bytes) -> "PublicKey":
        """Read ``encode``'s bytes. Raises BadKeyError for any to which nothing can be sealed."""
        if len(raw) != PUBLIC_BYTES:
            raise BadKeyError("a public key has 1,216 bytes")
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES])
            curve = X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_BYTES:])
            _PROBE.exchange(curve)  # refuses the points whose shared secret would be known to all
        except ValueError as error:
            raise BadKeyError("these bytes are no usable public key") from error
        return cls(bytes(raw), MLKEM768X25519PublicKey(lattice, curve))


@dataclass(frozen=True)
class PrivateKey:
    """What opens. Its seed is never stored bare, except in a process's secret file."""

    seed: bytes = field(repr=False)
    lattice: MLKEM768PrivateKey = field(repr=False, compare=False)
    curve: X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "PrivateKey":
        """Expand 32 bytes as X-Wing does: SHAKE256 gives ML-KEM's d and z (64 bytes), then X25519 (32)."""
        if len(seed) != SEED_BYTES:
            raise BadKeyError("a seed has 32 bytes")
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + SEED_BYTES)
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        curve = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        return cls(bytes(seed), lattice, curve)

    @cached_property
    def public(self) -> PublicKey:
        """What seals to this key; made when it is asked for: who only opens needs none."""
        both = self.lattice.public_key(), self.curve.public_key()
        raw = both[0].public_bytes_raw() + both[1].public_bytes_raw()
        return PublicKey(raw, MLKEM768X25519PublicKey(*both))

    @cached_property
    def hpke(self) -> MLKEM768X25519PrivateKey:
        return MLKEM768X25519PrivateKey(self.lattice, self.curve)


def fingerprint(key: bytes) -> str:
    """SHA-256 of an encoded public key, in hexadecimal."""
    return hashlib.sha256(key).hexdigest()


def new_seed() -> bytes:
    """32 bytes from the system's random source."""
    return secrets.token_bytes(SEED_BYTES)


def seal(plaintext: bytes, to: PublicKey, info: bytes) -> bytes:
    """Only the holder of ``to``'s seed opens the result, and only with the same ``info``.

    1,138 bytes longer than ``plaintext``: version, suite, encapsulation (1,120), tag (16).
    """
    return HEADER + _SUITE.encrypt(plaintext, to.hpke, info)


def unseal(sealed: bytes, private: PrivateKey, info: bytes) -> bytes:
    """The plaintext. Raises CannotOpenError: wrong key or ``info``, altered bytes, unknown version."""
    try:
        return _SUITE.decrypt(without_header(sealed), private.hpke, info)
    except InvalidTag as error:
        raise CannotOpenError("wrong key, wrong place, or altered") from error
