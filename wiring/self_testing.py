"""The weekly test, and the end of each drill: when it begins, how it ended, who hears that it failed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import digest, drills, roster, wall
from notify.alarm import Alarm
from notify.drills import SELF_TEST, Standing
from notify.duty_tables import Responder
from notify.ways import readable
from reporting import rubric
from templates.words import render
from vault import audit
from vault.drill_tables import Drill
from vault.ids import new_id
from wiring.ground import Ground
from wiring.settings import WEEKDAYS

FAILED = "roster_self_test"
CHANNELS = {"sms": "text", "voice": "call", "email": "e-mail"}


@dataclass(frozen=True)
class SelfTesting:
    """``seal(purpose, plaintext)``: to the line key, for letters to administrators."""

    ground: Ground
    seal: Callable[[str, bytes], bytes]
    alarm: Alarm

    def begin_due(self) -> int:
        """Ask for the test of each school whose hour it is; how many. Never outside its covered hours."""
        ground = self.ground
        tested = [one for one in ground.config.settings.schools if one.self_test]
        if not tested:
            return 0
        with ground.database.reading() as session:
            now = ground.clock.now(session)
        begun = 0
        for section in tested:
            # Only at its hour: a look must not wait for the one writer's place.
            if self._is_day(now, section.id, section.self_test):
                with ground.database.writing() as session:
                    begun += self._begin(session, ground.clock.now(session), section.id, section.self_test)
        return begun

    def _is_day(self, now: int, school_id: str, when: str) -> bool:
        school = self.ground.schools[school_id]
        day, _, _ = when.partition(" ")
        is_day = wall.local_time(now, school.zone).weekday() == WEEKDAYS.index(day)
        return is_day and school.covered(now)

    def _begin(self, session: Session, now: int, school_id: str, when: str) -> bool:
        school = self.ground.schools[school_id]
        # The row of today makes it once, whichever host looks first.
        what = f"{school_id}/self-test"
        if not digest.is_time(session, now, when.split()[1], what, school.zone):
            return False
        slot = drills.slot_of(now)
        session.add(
            Drill(id=new_id(), school=school_id, kind=SELF_TEST, asked_by="", asked_at=now, slot=slot)
        )
        audit.record(session, now, actor="pager", verb="self_test_asked", school=school_id)
        return True

    def end_those_over(self) -> int:
        """Note how each drill ended that is over; how many. A test that failed is told and alarmed."""
        ground = self.ground
        with ground.database.reading() as session:
            now = ground.clock.now(session)
            waiting = session.scalars(select(Drill).where(Drill.ended_at.is_(None))).all()
            over_by_now = [one.id for one in waiting if not drills.look(session, now, one).running]
        failed = 0
        ended = 0
        for drill_id in over_by_now:
            with ground.database.writing() as session:
                over = self._end(session, ground.clock.now(session), drill_id)
            ended += over is not None
            failed += over is False
        if failed:
            self.alarm.sound(FAILED)
            ground.waker.wake()
        return ended

    def _end(self, session: Session, now: int, drill_id: str) -> bool | None:
        """None: it is not over. False: a test failed."""
        drill = session.get(Drill, drill_id, with_for_update=True)
        if drill is None or drill.ended_at is not None:
            return None
        found = drills.look(session, now, drill)
        is_test = drill.kind == SELF_TEST
        unanswered = is_test and bool(found.page) and not found.well
        if found.running or (unanswered and not drills.close(session, now, found.page)):
            return None  # or answered this very moment
        drill.ended_at, drill.well = now, found.well and not found.failed
        drill.result = json.dumps(found.as_json())
        if not is_test:
            return True
        if not drill.well:
            self._tell(session, now, drill.school, found)
        return drill.well

    def _tell(self, session: Session, now: int, school_id: str, found: Standing) -> None:
        """A letter to whoever is on call of those who run the school, and can read one."""
        name = self.ground.schools[school_id].name if school_id in self.ground.schools else school_id
        directory = self.ground.directory.current(session)
        at = roster.load(session, now, rubric.administrators(directory, school_id))
        facts = {
            "school": name,
            "standing": found,
            "names": list(dict.fromkeys(one.name for one in found.tries)),
            "failed": list(dict.fromkeys(_said(found))),
        }
        for person in at.named(0):
            way = readable(at.methods[person])
            if way is not None:
                locale = session.get_one(Responder, person).locale
                body = render("messages/self_test.txt", locale, **facts)
                digest.post(session, now, school_id, way, body, self.seal)


def _said(found: Standing) -> Iterator[str]:
    for one in found.failed:
        yield f"{CHANNELS.get(one.channel, one.channel)} ({one.error})"
