"""The sealed token that carries a receipt from one step of a thread to the next: no cookie, nothing in a URL.

Half an hour, then the receipt is asked for again.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reporting.errors import NotOurTokenError
from reporting.receipt import LENGTH, Receipt

VALID_MS = 30 * 60_000
_NONCE = 12
_TIME = 6
_LABEL = b"tipline thread token"
_SIZE = _NONCE + _TIME + 2 * LENGTH + 16


def seal(form_secret: bytes, now: int, receipt: Receipt) -> str:
    """``receipt`` and its end of validity under AES-256-GCM, in 62 characters. ``now`` in ms."""
    nonce = secrets.token_bytes(_NONCE)
    plain = (now + VALID_MS).to_bytes(_TIME, "big") + receipt.encode()
    sealed = nonce + _cipher(form_secret).encrypt(nonce, plain, _LABEL)
    return base64.urlsafe_b64encode(sealed).decode("ascii")


def unseal(form_secret: bytes, now: int, token: str) -> Receipt:
    """The receipt in ``token``; NotOurTokenError when it is forged, damaged or past its half hour."""
    try:
        data = base64.urlsafe_b64decode(token.encode("ascii"))
        if len(data) != _SIZE:
            raise NotOurTokenError("wrong length")
        plain = _cipher(form_secret).decrypt(data[:_NONCE], data[_NONCE:], _LABEL)
    except (UnicodeEncodeError, binascii.Error, InvalidTag) as error:
        raise NotOurTokenError("not sealed here") from error
    if now > int.from_bytes(plain[:_TIME], "big"):
        raise NotOurTokenError("too old")
    return Receipt.decode(plain[_TIME:])


@lru_cache(maxsize=4)
def _cipher(form_secret: bytes) -> AESGCM:
    """Kept: the secret it comes from lives as long as the process."""
    return AESGCM(hmac.digest(form_secret, _LABEL, hashlib.sha256))
