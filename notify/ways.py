"""By which of their ways a person is reached, and when: a pure function of the step, the rows and the moment.

Nothing here makes a person unreachable: not quiet hours, not a missing confirmation, not a step's channels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time

from notify import wall
from notify.channels import CALL, EMAIL, PUSH, TEXT
from notify.duty_tables import Contact
from notify.escalation import SILENT

_RINGS = (TEXT, CALL)


@dataclass(frozen=True)
class Way:
    """One method, tried ``after_ms`` from the step."""

    method: Contact
    after_ms: int = 0


@dataclass(frozen=True)
class QuietHours:
    """Wall times of ``zone`` between which a way is quiet; kept as ``22:00-06:30 America/New_York``."""

    begins: time
    ends: time
    zone: str

    @classmethod
    def of(cls, text: str) -> "QuietHours":
        """ValueError for what is none."""
        span, _, zone = text.partition(" ")
        begins, _, ends = span.partition("-")
        return cls(time.fromisoformat(begins), time.fromisoformat(ends), zone)

    def hold(self, now: int) -> bool:
        at = wall.local_time(now, self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def ways_of(methods: Iterable[Contact], channels: tuple[str, ...], now: int) -> list[Way]:
    """A person's first way by each of a step's ``channels``, the earliest that can wake them at once.

    Ways that nobody confirmed, then quiet ones, stand back while the person has a telephone otherwise: a
    push may lie in a room where nobody is at night. Then those that are not of the step's channels.
    """
    known = list(methods)
    known = _unless_alone([one for one in known if one.verified_at is not None], known, *_RINGS)
    known = _unless_alone([one for one in known if not _is_quiet(one, now)], known, *_RINGS)
    by = [one for one in known if one.channel in channels]
    known = (by or known) if channels == (EMAIL,) else _unless_alone(by, known, *_RINGS, PUSH)
    best: dict[str, Contact] = {}
    for method in known:
        best.setdefault(method.channel, method)
    return list(_from_now(sorted(best.values(), key=lambda one: one.after_s or 0)))


def readable(methods: Iterable[Contact]) -> Contact | None:
    """The way for what nobody is called for: a text, else what is as silent; None: no such way."""
    silent = [one for one in methods if one.channel in SILENT]
    confirmed = [one for one in silent if one.verified_at is not None] or silent
    return min(confirmed, key=lambda one: (SILENT.index(one.channel), one.rank), default=None)


def _unless_alone(left: list[Contact], known: list[Contact], *enough: str) -> list[Contact]:
    """``left``, if it has one of ``enough`` (channels); an e-mail by itself never is."""
    return left if any(one.channel in enough for one in left) else known


def _is_quiet(method: Contact, now: int) -> bool:
    try:
        return bool(method.quiet) and QuietHours.of(method.quiet or "").hold(now)
    except (ValueError, KeyError):  # no hours, or a zone that this machine does not know: the page goes out
        return False


def _from_now(methods: Sequence[Contact]) -> Iterator[Way]:
    waking = [one for one in methods if one.channel != EMAIL] or methods
    earliest = min((one.after_s or 0 for one in waking), default=0)
    for one in methods:
        yield Way(one, max((one.after_s or 0) - earliest, 0) * 1000)
