"""Slows guessing at the door: who fails waits, longer each time; nobody else does.

A name alone is never slowed: otherwise anybody could lock a team out. What is counted is where somebody tries
from, and which name from there. A browser that signed in before as this member has a count of its own, so
that guessing from the next room does not hold up the counselor. Kept in memory, as keyed hashes.
"""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_MOST: Final = 10_000
FORGOTTEN_MS: Final = 15 * 60_000
_LONGEST_MS: Final = 60_000
# Tries that cost nothing: people mistype. A source (a school's whole network, perhaps) has more.
FREE_NAME: Final = 4
_FREE_SOURCE: Final = 20


@dataclass
class _Count:
    tries: int = 0
    last: int = 0


@dataclass
class Turnstile:
    """One for each staff process. ``_key`` makes what is remembered worthless outside of it."""

    _counts: OrderedDict[bytes, _Count] = field(default_factory=OrderedDict)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, now: int, source: str, login: str, browser: str) -> int:
        """Count a try before it is judged: 0, or for how many ms this one must wait instead.

        ``browser``: the known browser that tries, or empty. ``now`` in ms.
        """
        with self._lock:
            counts = [
                (free, self._count(now, key)) for free, key in self._keys(source, login, browser, self._key)
            ]
            wait = max(count.last + delay(count.tries - free) - now for free, count in counts)
            if wait > 0:
                return wait
            for _, count in counts:
                count.tries += 1
                count.last = now
            return 0

    def passed(self, source: str, login: str, browser: str) -> None:
        """The try was a right one: this name from here begins anew, and the source gets its try back."""
        with self._lock:
            for free, key in self._keys(source, login, browser, self._key):
                count = self._counts.get(key, _Count())
                count.tries = 0 if free == FREE_NAME else max(0, count.tries - 1)

    @staticmethod
    def _keys(source: str, login: str, browser: str, key: bytes) -> Iterator[tuple[int, bytes]]:
        if browser:
            yield FREE_NAME, _hash(key, "browser", browser, login)
        else:
            yield FREE_NAME, _hash(key, "name", source, login)
            yield _FREE_SOURCE, _hash(key, "source", source)

    def _count(self, now: int, key: bytes) -> _Count:
        count = self._counts.pop(key, _Count())
        if now - count.last > FORGOTTEN_MS:
            count = _Count()
        self._counts[key] = count
        while len(self._counts) > _MOST:
            self._counts.popitem(last=False)
        return count


def delay(over: int) -> int:
    """After so many tries too many, in ms: none, then 1, 2, 4 ... seconds, a minute at most."""
    return 0 if over < 0 else min(1000 << min(over, 6), _LONGEST_MS)


def _hash(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "\0".join(parts).encode(errors="replace"), hashlib.sha256)
