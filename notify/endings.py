"""The last two digits of a phone, so that its owner knows which of theirs is meant. Kept as a keyed hash.

Two digits are found again by trying all hundred. Who can, holds the key with which every number can be
tried out; the database alone tells nothing.
"""

import hmac

from notify.channels import CALL, TEXT
from vault.keyed import number_key

DIGITS = 2


def ending_key(secret: bytes, channel: str, address: str) -> str | None:
    """What is kept of the end of ``address``; None: it is no phone. ``secret``: the responder-number key."""
    if channel not in (TEXT, CALL):
        return None
    return _key(secret, number_key(secret, address), address[-DIGITS:])


def ending_of(secret: bytes, address_key: str, kept: str | None) -> str:
    """The digits that ``ending_key`` made ``kept`` of, for the phone of ``address_key``; or nothing."""
    tried = (f"{number:0{DIGITS}}" for number in range(10**DIGITS))
    return next((one for one in tried if hmac.compare_digest(kept or "", _key(secret, address_key, one))), "")


def _key(secret: bytes, address_key: str, digits: str) -> str:
    return number_key(secret, f"ending {address_key} {digits}")
