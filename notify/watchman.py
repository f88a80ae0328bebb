"""The watchman: plain SQL on a connection of its own, so that no mistake of the pager's code is also his.

Every second he sees to it that no open page is without a live deadline, sets stuck rows due, and alarms.
"""

import math
import time
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from notify.alarm import Alarm
from notify.settings import PagingSettings, milliseconds
from notify.states import ATTEMPT, unknown
from notify.vitals import AHEAD_MS
from vault.clock import Clock
from vault.database import Database

LATE_MS = 15_000
LONG_MS = 120_000
STUCK_MS = 5_000
DAY_MS = 24 * 3600 * 1000
FAR_MS = DAY_MS
ROUND_S = 1.0
# After a start of everything at once the pager has so long to begin, before its old pulse means silence.
PATIENCE_S = 60.0
AGAIN_S = 60.0
DUTY_AGAIN_S = 24 * 3600.0
# A later release that runs beside this one has as long to bring such rows further itself.
UNKNOWN = unknown("state", ATTEMPT)


@dataclass(frozen=True)
class Check:
    """One thing that must not be: the rows that show it, and what sets them right (nothing: only alarmed).

    ``repair`` is one transaction. ``duty``: of people, alarmed once a day; pages are safe all the same.
    """

    name: str
    shows: str
    repair: tuple[str, ...] = ()
    duty: bool = False


# How far time went back: to within his pulse's pause, and never too far. Nothing once it is put right.
_BACK = "(SELECT CASE WHEN at > :ahead THEN at - :now ELSE 0 END FROM pulse WHERE process = 'watchman')"

CHECKS = (
    # A database whose clock is set right, or one that took over with another clock: what was to come in two
    # minutes would come in an hour and two minutes. Deadlines keep their distance instead.
    Check(
        "clock_set_back",
        "SELECT at FROM pulse WHERE process = 'watchman' AND at > :ahead",
        (
            # First the pulse: of two watchmen one waits here, and then finds nothing left to move.
            "UPDATE pulse SET state = state WHERE process = 'watchman' AND at > :ahead",
            f"UPDATE page SET next_at = next_at - {_BACK} WHERE state IN ('open', 'acknowledged')",  # noqa: S608 - constants
            f"""UPDATE attempt SET due_at = due_at - {_BACK}, lease_until = lease_until - {_BACK},
                 hinted_until = 0 WHERE state IN ('due', 'claimed')""",  # noqa: S608 - as above
            f"UPDATE report SET read_deadline = read_deadline - {_BACK} WHERE status IN ('new', 'open')",  # noqa: S608 - as above
            "UPDATE pulse SET at = :now WHERE at > :ahead",
        ),
    ),
    Check(
        "page_without_deadline",
        "SELECT id FROM page WHERE state = 'open' AND next_at IS NULL",
        ("UPDATE page SET next_at = :now WHERE state = 'open' AND next_at IS NULL",),
    ),
    Check(
        "page_deadline_too_far",
        "SELECT id FROM page WHERE state IN ('open', 'acknowledged') AND next_at > :far",
        ("UPDATE page SET next_at = :now WHERE state IN ('open', 'acknowledged') AND next_at > :far",),
    ),
    Check(
        "page_deadline_missed",
        "SELECT id FROM page WHERE state IN ('open', 'acknowledged') AND next_at < :late",
    ),
    Check(
        "attempt_stuck",
        """SELECT id FROM attempt WHERE state = 'claimed'
           AND (lease_until IS NULL OR lease_until < :stuck)""",
        (
            """UPDATE attempt SET token = NULL, lease_until = NULL, hinted_until = 0,
                 error_code = 'unrecorded', state = CASE
                 WHEN kind <> 'page' THEN 'due'
                 WHEN EXISTS (SELECT 1 FROM page WHERE page.id = page_id AND page.state = 'open') THEN 'due'
                 ELSE 'cancelled' END
               WHERE state = 'claimed' AND (lease_until IS NULL OR lease_until < :stuck)""",
        ),
    ),
    Check(
        "attempt_hidden",
        "SELECT id FROM attempt WHERE state = 'due' AND hinted_until > :soon",
        ("UPDATE attempt SET hinted_until = 0 WHERE state = 'due' AND hinted_until > :soon",),
    ),
    Check(
        "attempt_of_unknown_state",
        f"SELECT id FROM attempt WHERE due_at < :late AND ({UNKNOWN})",  # noqa: S608 - made of constants
        (
            f"""UPDATE attempt SET token = NULL, lease_until = NULL, hinted_until = 0, state = CASE
                 WHEN kind = 'page' AND EXISTS
                   (SELECT 1 FROM page WHERE page.id = page_id AND page.state = 'open') THEN 'due'
                 WHEN kind = 'letter' AND letter_id IS NULL THEN 'cancelled'
                 WHEN kind <> 'page' THEN 'due'
                 ELSE 'cancelled' END
               WHERE due_at < :late AND ({UNKNOWN})""",  # noqa: S608 - as above
        ),
    ),
    Check(
        "page_reached_nobody",
        """SELECT id FROM page WHERE state = 'open'
           AND EXISTS (SELECT 1 FROM attempt
             WHERE page_id = page.id AND kind = 'page' AND created_at < :late)
           AND NOT EXISTS (SELECT 1 FROM attempt
             WHERE page_id = page.id AND kind = 'page' AND state IN ('sent', 'delivered'))""",
    ),
    # Whoever pages for the unread moves their deadline on. What is closed or opened has none that counts.
    Check(
        "report_unread",
        "SELECT id FROM report WHERE status IN ('new', 'open') AND read_deadline < :neglected",
    ),
    Check(
        "number_unreviewed",
        "SELECT id FROM number_request WHERE alone AND reviewer IS NULL AND created_at < :yesterday",
        duty=True,
    ),
    Check("audit_unchained", "SELECT at FROM audit_event WHERE seq IS NULL AND at < :neglected"),
    # One that never had a pulse is as silent as one that lost it.
    Check(
        "pager_silent",
        """SELECT 1 WHERE :silent > 0
           AND NOT EXISTS (SELECT 1 FROM pulse WHERE process = 'pager' AND at >= :silent)""",
    ),
    Check(
        "attempt_late",
        # A text may wait its turn while others leave, but not for ever; nor for what a wrong clock holds.
        """SELECT id FROM attempt WHERE state = 'due' AND due_at < :late AND (
             channel <> 'sms' OR due_at < :long
             OR NOT EXISTS (SELECT 1 FROM pace
               WHERE lane LIKE 'number:%' AND free_at > :stuck AND free_at <= :held))""",
    ),
)
DUTIES = frozenset(check.name for check in CHECKS if check.duty)


@dataclass
class Watchman:
    """``database`` is his own, not the pager's; ``settings`` are the pager's. He looks every ``ROUND_S``."""

    database: Database
    clock: Clock
    alarm: Alarm
    settings: PagingSettings = field(default_factory=PagingSettings)
    patience_s: float = PATIENCE_S
    _began: float = field(default_factory=time.monotonic)
    _sounded: dict[str, float] = field(default_factory=dict)

    def look(self) -> tuple[str, ...]:
        """What is wrong now, put right where that is possible; nothing: all pages are safe."""
        try:
            found = self._find()
            self._repair(found)
        except SQLAlchemyError:
            found = ("database_unreachable",)
        self._alarm(found)
        return tuple(name for name in found if name not in DUTIES)

    def _find(self) -> tuple[str, ...]:
        with self.database.reading() as session:
            now = self.clock.now(session)
            facts = _moments(now) | self._moments_of_his_own(now)
            return tuple(check.name for check in CHECKS if session.scalar(text(check.shows), facts))

    def _moments_of_his_own(self, now: int) -> dict[str, int]:
        """How long a number may be held; and since when silence counts: not at once after a start."""
        patient = time.monotonic() < self._began + self.patience_s
        return {
            "held": now + milliseconds(self.settings.longest_hold_s),
            "silent": 0 if patient else now - LATE_MS,
            "neglected": 0 if patient else now - LONG_MS,
        }

    def _repair(self, found: tuple[str, ...]) -> None:
        repairs = [one for check in CHECKS if check.name in found for one in check.repair]
        if not repairs:
            return
        with self.database.writing() as session:
            facts = _moments(self.clock.now(session))
            for repair in repairs:
                session.execute(text(repair), facts)

    def _alarm(self, found: tuple[str, ...]) -> None:
        """Sound what is new, and once a minute what lasts; once a day what people have yet to do."""
        now = time.monotonic()
        self._sounded = {name: at for name, at in self._sounded.items() if name in found}
        for name in found:
            again = DUTY_AGAIN_S if name in DUTIES else AGAIN_S
            if now >= self._sounded.get(name, -math.inf) + again:
                self._sounded[name] = now
                self.alarm.sound(name)


def _moments(now: int) -> dict[str, int]:
    return {
        "now": now,
        "late": now - LATE_MS,
        "long": now - LONG_MS,
        "stuck": now - STUCK_MS,
        "soon": now + LATE_MS,
        "ahead": now + AHEAD_MS,
        "far": now + FAR_MS,
        "yesterday": now - DAY_MS,
    }
