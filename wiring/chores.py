"""What the pager looks after besides pages: missed deadlines, offers that nobody took, the morning digest."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notify import digest, handover, plans, reminders
from notify.paging import open_page
from notify.sweep import DATABASE_IS_AWAY
from reporting import rubric
from reporting.unread import Deadlines
from vault.directory import Directory
from vault.tables import Report
from wiring.ground import Ground
from wiring.numbers import reveal_granted

EVERY_S = 5.0
IN_DIGEST = ("prompt", "routine")

log = logging.getLogger("wiring.chores")


@dataclass(frozen=True)
class Chores:
    """``seal(purpose, plaintext)``: to the line key; ``open_sealed(purpose, sealed)``: with it."""

    ground: Ground
    seal: Callable[[str, bytes], bytes]
    open_sealed: Callable[[str, bytes], bytes]
    every_s: float = EVERY_S
    others: tuple[Callable[[], int], ...] = ()

    def run(self, stop: threading.Event) -> None:
        """A round every five seconds until told to stop; what breaks one lets the others be done."""
        broken = self._errors(self.keep_days_off)
        while not stop.wait(self.every_s):
            broken += self._errors(
                self.page_the_unread,
                self.end_offers,
                self.send_digests,
                self.send_reminders,
                self.send_warnings,
                self.reveal_numbers,
                *self.others,
            )
            if broken:
                raise broken[0]

    @staticmethod
    def _errors(*chores: Callable[[], int]) -> list[Exception]:
        """Do each of ``chores``; what broke any, but for a database that may be back for the next round."""
        broken: list[Exception] = []
        for chore in chores:
            try:
                chore()
            except Exception as error:  # noqa: BLE001 - raised by the caller, once the others are done
                # Tracebacks of the database quote rows.
                log.error("chore failed", extra={"chore": chore.__name__, "error": type(error).__name__})  # noqa: TRY400
                if not isinstance(error, SQLAlchemyError):
                    broken.append(error)
        return broken

    def keep_days_off(self) -> int:
        """Note each school's days off where rosters find them; how many schools."""
        with self.ground.database.writing() as session:
            for school in self.ground.schools.values():
                plans.keep_days_off(session, school.id, school.closed_days)
        return len(self.ground.schools)

    def page_the_unread(self) -> int:
        """Open a page for each report that nobody read in time; how many.

        One that cannot be paged holds up no other: its deadline stays, and its error is raised at the end.
        """
        ground = self.ground
        broken: list[Exception] = []
        with ground.database.writing() as session:
            now = ground.clock.now(session)
            missed = Deadlines(ground.schools).missed(session, now)
            for request in missed:
                try:
                    with session.begin_nested():
                        open_page(session, now, request, ground.config.settings.paging)
                except DATABASE_IS_AWAY:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it was; raised below
                    session.get_one(Report, request.subject).read_deadline = now
                    broken.append(error)
        if missed:
            ground.waker.wake()
        if broken:
            raise broken[0]
        return len(missed)

    def end_offers(self) -> int:
        """Tell those who have a case that nobody took it over in time; how many."""
        ground = self.ground
        with ground.database.writing() as session:
            ended = handover.expire(session, ground.clock.now(session))
        if ended:
            ground.waker.wake()
        return ended

    def send_digests(self) -> int:
        """Post the morning's texts, if it is their hour; how many."""
        ground = self.ground
        with ground.database.writing() as session:
            now = ground.clock.now(session)
            sent = digest.send_due(session, now, ground.config.settings.paging, unread, self.seal)
        if sent:
            ground.waker.wake()
        return sent

    def send_reminders(self) -> int:
        """Text those whose shift begins soon, if it is the hour; how many."""
        ground = self.ground
        with ground.database.writing() as session:
            now = ground.clock.now(session)
            sent = reminders.remind_due(session, now, ground.config.settings.paging, self.seal)
        if sent:
            ground.waker.wake()
        return sent

    def send_warnings(self) -> int:
        """Text administrators what is to be mended, if it is the hour; how many."""
        ground = self.ground
        with ground.database.writing() as session:
            now = ground.clock.now(session)
            told = administrators(ground.directory.current(session), ground.schools)
            sent = reminders.warn_due(session, now, ground.config.settings.paging, told, self.seal)
        if sent:
            ground.waker.wake()
        return sent

    def reveal_numbers(self) -> int:
        """Seal to members the numbers that two of them signed for; how many."""
        return reveal_granted(self.ground, self.open_sealed)


def administrators(directory: Directory, schools: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The teams of each school that run it; where none does, all of them."""
    return {school: rubric.administrators(directory, school) for school in schools}


def unread(session: Session, school: str) -> Mapping[str, int]:
    """How many prompt and routine reports of ``school`` nobody has opened."""
    new = (Report.school == school) & (Report.status == "new") & ~Report.drill
    waiting = new & Report.urgency.in_(IN_DIGEST)
    counts = select(Report.urgency, func.count()).where(waiting).group_by(Report.urgency)
    return {row[0]: row[1] for row in session.execute(counts)}
