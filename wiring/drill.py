"""Holds a drill from the command line: files one as the public process does, and follows its page."""

from secrets import token_bytes

from notify.drills import DRILL, Standing
from notify.drills import look as standing_of
from reporting import drill as drills
from vault.drill_tables import Drill
from vault.ids import new_id
from wiring.errors import WiringError
from wiring.ground import Ground
from wiring.intake import intake_deps


def file(ground: Ground, school: str) -> str:
    """File a drill for ``school``; its id. WiringError for a school that is not configured."""
    if school not in ground.schools:
        raise WiringError(f"there is no school {school}; choose one of {', '.join(ground.schools)}")
    with ground.database.writing() as session:
        now = ground.clock.now(session)
        drill = Drill(id=new_id(), school=school, kind=DRILL, asked_by="", asked_at=now)
        session.add(drill)
        session.flush()
        session.expunge(drill)
    # The row first: should this die here, the public process files it, once.
    drills.file(intake_deps(ground, token_bytes(32)), ground.schools[school], drill)
    return drill.id


def look(ground: Ground, drill_id: str) -> Standing:
    """How the drill stands."""
    with ground.database.reading() as session:
        return standing_of(session, ground.clock.now(session), session.get_one(Drill, drill_id))
