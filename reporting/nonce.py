"""The form's nonce: 256 random bits that this install signed, from which a receipt is derived.

A form answers for a day; an older or foreign nonce is no error, only no nonce.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

SIZE = 32
_TIME = 6
_TAG = 16
_LABEL = b"tipline nonce\0"
VALID_MS = 24 * 3_600_000


def issue(form_secret: bytes, now: int) -> str:
    """A fresh signed nonce for one form. ``now`` in ms."""
    signed = now.to_bytes(_TIME, "big") + secrets.token_bytes(SIZE)
    return base64.urlsafe_b64encode(signed + _tag(form_secret, signed)).decode("ascii")


def read(form_secret: bytes, now: int, field: str) -> bytes | None:
    """The nonce in a form field, or None when it is forged, damaged or more than a day old."""
    try:
        data = base64.urlsafe_b64decode(field.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return None
    signed, tag = data[:-_TAG], data[-_TAG:]
    if len(signed) != _TIME + SIZE or not hmac.compare_digest(tag, _tag(form_secret, signed)):
        return None
    age = now - int.from_bytes(signed[:_TIME], "big")
    return signed[_TIME:] if age <= VALID_MS else None


def _tag(form_secret: bytes, signed: bytes) -> bytes:
    return hmac.digest(form_secret, _LABEL + signed, hashlib.sha256)[:_TAG]
