"""The states that this release knows. A later one may write others while both run on the same database.

What it does not know is unfinished: an attempt is due again, a page goes on at its deadline.
"""

from collections.abc import Sequence
from itertools import pairwise

ATTEMPT = ("cancelled", "claimed", "delivered", "due", "failed", "sent")
PAGE = ("acknowledged", "closed", "open")


def unknown(column: str, known: Sequence[str]) -> str:
    """SQL that is true where ``column`` is none of ``known``; as ranges, because an index serves these."""
    first, *_, last = ordered = sorted(known)
    between = [f"({column} > '{low}' AND {column} < '{high}')" for low, high in pairwise(ordered)]
    return " OR ".join([f"{column} < '{first}'", *between, f"{column} > '{last}'"])
