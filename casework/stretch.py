"""Long lists are shown a stretch at a time: where it begins, and whether there is more above and below."""

from collections.abc import Sized
from dataclasses import dataclass
from typing import Final

from flask import request

from casework.visit import Visit

# An address may hold any number; a database's are finite.
_FURTHEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """``length`` rows from ``start`` on. ``most`` are fetched: one more tells whether there are more."""

    start: int
    length: int

    @property
    def most(self) -> int:
        return self.length + 1

    @property
    def newer(self) -> int | None:
        """Where the stretch before it begins; None: it is the first."""
        return max(0, self.start - self.length) if self.start else None

    def older(self, fetched: Sized) -> int | None:
        """Where the stretch after it begins; None: it is the last."""
        return self.start + self.length if len(fetched) > self.length else None


def asked(visit: Visit) -> Stretch:
    """The one that the address of this request names."""
    start = min(max(0, request.args.get("start", 0, type=int)), _FURTHEST)
    return Stretch(start, visit.deps.settings.inbox_length)
