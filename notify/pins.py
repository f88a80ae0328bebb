"""PINs: the digits by which a person shows, in a call, that it is they who pick up.

Kept as a keyed hash. So few digits can be tried out by whoever holds database and key; over the phone they
cannot: a call takes three tries.
"""

import hmac
import re

from vault.keyed import number_key

TRIES = 3
PIN = re.compile(r"[0-9]{4,8}")


def pin_key(secret: bytes, responder_id: str, pin: str) -> str:
    """What is kept of ``pin``. ``secret``: the responder-number key."""
    return number_key(secret, f"pin {responder_id} {pin}")


def fits(secret: bytes, responder_id: str, kept: str, typed: str) -> bool:
    return hmac.compare_digest(kept, pin_key(secret, responder_id, typed))
