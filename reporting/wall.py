"""The wall of a thread about an adult at school, so kept that no writer to the database can lift it.

A report's row holds an HMAC by the public process over the last message's place and "no wall so far". One
that is gone, exchanged, older, or another thread's counts as a wall; so does a message that somebody added.
"""

import hashlib
import hmac

from vault.place import pack
from vault.threads import ThreadHead

_KEY_LABEL, _MARK_LABEL = b"tipline/1/wall", b"tipline/1/wall-mark"


def key_of(pepper: bytes) -> bytes:
    """The key of an install's marks (docs/protocol.md, section 4.14)."""
    return hmac.digest(pepper, _KEY_LABEL, hashlib.sha256)


def mark(key: bytes, at: ThreadHead, *, walled: bool) -> bytes:
    """What is stored with the reporter's message at ``at``."""
    names = [name.encode() for name in (at.install, at.school, at.report_id)]
    said = b"\x01" if walled else b"\x00"
    return hmac.digest(key, pack(_MARK_LABEL, *names, at.seq.to_bytes(8, "big"), said), hashlib.sha256)


def stands(key: bytes, last: ThreadHead, stored: bytes | None) -> bool:
    """Whether there is a wall after ``last``, the place of the reporter's last message."""
    return not hmac.compare_digest(stored or b"", mark(key, last, walled=False))
