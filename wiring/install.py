"""``tipline init`` for a real install: keys, database and a documented configuration to complete by hand."""

from collections.abc import Callable
from pathlib import Path

from vault import kem
from vault.recovery import words_from_seed
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


def make_install(folder: Path, database_url: str, hand_over: Callable[[str], None]) -> Founded:
    """Fill ``folder``. ``database_url`` empty: SQLite in the folder.

    ``hand_over`` is given the recovery words. When it breaks off nothing is founded: it can be done again.
    """
    url, seed = database_url or f"sqlite:///{folder / DATABASE}", kem.new_seed()
    with new_database(url) as database:
        hand_over(words_from_seed(seed))
        with database.writing() as session:
            founded = found(session, seed)
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
