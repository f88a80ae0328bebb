"""Whether a webhook comes from the carrier: Base64 of HMAC-SHA1 over the address and every field, sorted.

As https://www.twilio.com/docs/usage/security describes it. There is no time in it: replays are met elsewhere.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from werkzeug.datastructures import MultiDict


def sign(token: str, address: str, fields: MultiDict[str, str]) -> str:
    """The signature of a POST to ``address`` (as the carrier knows it, with its query)."""
    text = address + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields.getlist(name)))
    )
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


def is_signed(tokens: Iterable[str], address: str, fields: MultiDict[str, str], signature: str) -> bool:
    """Whether any of our ``tokens`` (while they rotate there are two) made ``signature``. Constant time."""
    given = signature.encode("utf-8", "replace")
    matches = [hmac.compare_digest(sign(token, address, fields).encode(), given) for token in tokens]
    return any(matches)
