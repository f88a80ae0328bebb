"""What every process stands on: the database and its clock, the team directory, the schools, the waker.

Built once at start; whatever is missing or wrong is refused here, before anything is served.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType

from reporting.schools import Hours, School
from vault import migrate
from vault.clock import Clock, clock_for
from vault.database import Database
from vault.directory import DirectoryReader
from vault.errors import DirectoryError, VaultError
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

    def close(self) -> None:
        self.database.close()
        self.waker.close()


def lay(config: Config) -> Ground:
    """Open the database and read the directory. SchemaTooOldError or ConfigError when they do not fit."""
    config.wake_path.parent.mkdir(mode=0o700, exist_ok=True)
    install = config.settings.install
    database, directory = Database(config.database_url), DirectoryReader(install.id, install.root_fingerprint)
    try:
        migrate.require_head(database)
        with database.reading() as session:
            directory.current(session)
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
        schools=schools_of(config),
        waker=waker_for(config),
    )


def schools_of(config: Config) -> Mapping[str, School]:
    """The configured schools, by id. One that is not live is a demo on every public view."""
    return MappingProxyType({school.id: _school(school) for school in config.settings.schools})


def _school(school: SchoolSection) -> School:
    return School(
        id=school.id,
        name=school.name,
        zone=school.zone,
        hours={WEEKDAYS.index(day): _hours(spans) for day, spans in school.covered.items()},
        languages=school.languages,
        demo=not school.live,
    )


def _hours(spans: tuple[str, ...]) -> Hours:
    return tuple(sorted(_span(span) for span in spans))


def _span(span: str) -> tuple[time, time]:
    start, end = (time.fromisoformat(part) for part in span.split("-"))
    return start, end
