"""The install's rosters, as the commands about them work with them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from notify import plans
from wiring.commands.options import read
from wiring.ground import lay
from wiring.rosters import Rosters


@contextmanager
def rosters(config: Path | None, *, changing: bool = False) -> Iterator[Rosters]:
    """The install's rosters, in one transaction."""
    with closing(lay(read(config))) as ground:
        zones = {school.id: school.zone for school in ground.schools.values()}
        with ground.database.writing() if changing else ground.database.reading() as session:
            directory = ground.directory.current(session)
            if changing:
                for school in ground.schools.values():
                    plans.keep_days_off(session, school.id, school.closed_days)
            yield Rosters(session, ground.clock.now(session), directory, zones)
