"""What every process stands on: the database and its clock, the team directory, the schools, the waker.

Built once at start; whatever is missing or wrong is refused here, before anything is served.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import select

from reporting.schools import Hours, School
from vault import schema
from vault.clock import Clock, clock_for
from vault.database import Database
from vault.directory import DirectoryReader
from vault.errors import DirectoryError, VaultError
from vault.tables import LiveSchool
from wiring import calendar
from wiring.config import Config
from wiring.errors import ConfigError
from wiring.settings import WEEKDAYS, SchoolSection
from wiring.wake import CloseableWaker, waker_for


@dataclass(frozen=True)
class Ground:
    """``schools`` by id."""

    config: Config
    database: Database
    clock: Clock
    directory: DirectoryReader
    schools: Mapping[str, School]
    waker: CloseableWaker

    @property
    def install(self) -> str:
        return self.config.settings.install.id

    @property
    def disk(self) -> Path | None:
        """The folder of an SQLite database, which each process may write; None: there is a server."""
        return Path(self.database.engine.url.database or "").parent if self.database.is_sqlite else None

    def close(self) -> None:
        self.database.close()
        self.waker.close()


def lay(config: Config) -> Ground:
    """Open the database and read the directory. SchemaTooOldError or ConfigError when they do not fit."""
    config.wake_path.parent.mkdir(mode=0o700, exist_ok=True)
    install = config.settings.install
    database, directory = Database(config.database_url), DirectoryReader(install.id, install.root_fingerprint)
    try:
        schema.require_head(database)
        with database.reading() as session:
            directory.current(session)
            passed = frozenset(session.scalars(select(LiveSchool.school)))
    except DirectoryError as error:
        database.close()
        remedy = "take both from the file that `tipline init` wrote for this database"
        raise ConfigError(
            config.path, "install", f"does not fit the team directory ({error})", remedy
        ) from None
    except VaultError:
        database.close()
        raise
    return Ground(
        config=config,
        database=database,
        clock=clock_for(database),
        directory=directory,
        schools=schools_of(config, passed),
        waker=waker_for(config),
    )


def schools_of(config: Config, passed: Collection[str] = ()) -> Mapping[str, School]:
    """The configured schools, by id. On every public view each is a demo until it is live.

    Live is one that the file calls so and that is among ``passed``: those that ``tipline live`` let through.
    Where pages go to a simulator none is, whatever the file and the database say.
    """
    settings = config.settings
    pretends = settings.install.demo or settings.simulator.enabled
    live = {one.id for one in settings.schools if one.live and one.id in passed and not pretends}
    return MappingProxyType({one.id: _school(one, demo=one.id not in live) for one in settings.schools})


def _school(school: SchoolSection, *, demo: bool) -> School:
    return School(
        id=school.id,
        name=school.name,
        zone=school.zone,
        hours={WEEKDAYS.index(day): _hours(spans) for day, spans in school.covered.items()},
        languages=school.languages,
        withdrawal=school.withdrawal,
        demo=demo,
        closed_days=calendar.days_off(school, datetime.now(UTC).year),
    )


def _hours(spans: tuple[str, ...]) -> Hours:
    return tuple(sorted(_span(span) for span in spans))


def _span(span: str) -> tuple[time, time]:
    start, end = (time.fromisoformat(part) for part in span.split("-"))
    return start, end
