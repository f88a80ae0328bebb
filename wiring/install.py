"""``tipline init`` for a real install: keys, database and a documented configuration to complete by hand."""

from pathlib import Path

from wiring.example import documented
from wiring.founding import CONFIG, DATABASE, Founded, found, make_keys, new_database, write_secrets
from wiring.settings import WEEKDAYS, DatabaseSection, InstallSection, SchoolSection, Settings

# Shown in the new file as an example to replace.
SCHOOL = SchoolSection(
    id="maple",
    name="Maple School",
    zone="America/Denver",
    covered=dict.fromkeys(WEEKDAYS[:5], ("07:30-16:00",)),
)


def make_install(folder: Path, database_url: str) -> Founded:
    """Fill ``folder``. ``database_url`` empty: SQLite in the folder."""
    url = database_url or f"sqlite:///{folder / DATABASE}"
    with new_database(url) as database, database.writing() as session:
        founded = found(session)
    keys = make_keys()
    write_secrets(folder, keys, {})
    settings = Settings(
        install=InstallSection(
            id=founded.install,
            root_fingerprint=founded.directory.fingerprint,
            audit_public=keys.audit_public,
        ),
        database=DatabaseSection(url=database_url),
        schools=(SCHOOL,),
    )
    (folder / CONFIG).write_text(documented(settings), encoding="utf-8")
    return founded
