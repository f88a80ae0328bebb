"""How good a password is, judged offline: a password that opens children's words must outlast guessing."""

from collections.abc import Iterable
from typing import Literal

from zxcvbn_rs_py import zxcvbn

SHORTEST = 12
LONGEST = 1000
# Ten thousand million guesses: with Argon2id as we set it, years of many machines.
ENOUGH_LOG10 = 10.0

Weakness = Literal["", "short", "guessable"]


def weakness(password: str, about: Iterable[str] = ()) -> Weakness:
    """What is wrong with ``password``; empty: nothing. ``about``: login, name and what else all know."""
    if len(password) < SHORTEST:
        return "short"
    return "guessable" if zxcvbn(password, list(about)).guesses_log10 < ENOUGH_LOG10 else ""
