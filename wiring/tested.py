"""The last weekly test of each school, for whoever asks how the install stands."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from notify import drills
from wiring.settings import SchoolSection


@dataclass(frozen=True)
class Tested:
    """``age_s``: since it began; None when there was none yet. ``by``: who answered; empty for nobody.

    ``failed``: channels that did not get through. ``well``: somebody answered, and nothing failed.
    """

    school: str
    age_s: float | None
    well: bool
    by: str = ""
    failed: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """For a program that reads lines, without anybody's name."""
        if self.age_s is None:
            return f"self-test {self.school}: none yet"
        return f"self-test {self.school}: {'well' if self.well else 'failed'}, {self.age_s / 3600:.0f} h ago"

    def as_json(self) -> dict[str, object]:
        return vars(self) | {"failed": list(self.failed)}


def last_tests(session: Session, now: int, schools: Iterable[SchoolSection]) -> tuple[Tested, ...]:
    """Of every school that has one."""
    return tuple(_last(session, now, one.id) for one in schools if one.self_test)


def _last(session: Session, now: int, school: str) -> Tested:
    test = drills.last_test(session, school)
    if test is None or test.result is None:
        return Tested(school, None, well=False)
    found = drills.standing_of(json.loads(test.result))
    failed = tuple(sorted({one.channel for one in found.failed}))
    return Tested(school, (now - test.asked_at) / 1000, bool(test.well), found.by, failed)
