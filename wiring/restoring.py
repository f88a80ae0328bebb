"""Puts an install back from a backup: all of it in a new folder and an empty database, or nothing."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from vault import audit, migrate, parcels, schema
from vault.clock import clock_for
from vault.database import Database
from vault.directory import DirectoryReader
from vault.errors import BackupError, CannotOpenError, DirectoryError
from vault.parcels import ROWS, Parcel
from vault.recovery import RecoveryKeys
from vault.stream import LATEST, Reader, read_opening
from vault.tables import Install
from wiring.config import Config, load
from wiring.errors import WiringError
from wiring.founding import CONFIG, DATABASE, new_folder
from wiring.saving import FILES, MANIFEST, Tell, day_of
from wiring.secrets import FOLDER

_OUR_FILES = re.compile(r"config\.toml|secrets/[a-z]{1,20}/[a-z0-9-]{1,60}")
_URL = re.compile(r'^(\[database\]\n(?:[^\[].*\n|\n)*?url = )"[^"\n]*"', re.MULTILINE)


@dataclass
class Restored:
    """What was put back: of which moment (ms), and how many rows of each table."""

    made: int = 0
    rows: dict[str, int] = field(default_factory=dict)


def restore(
    file: BinaryIO, keys: RecoveryKeys, folder: Path, database_url: str, now: int, tell: Tell
) -> Restored:
    """Fill ``folder``, and the database at ``database_url`` (empty: the one that the configuration names).

    Raises BackupError, CannotOpenError (other words) or WiringError; then nothing is there.
    """
    reader = _open(file, keys)
    if now > reader.opening.expires:
        tell(
            f"This backup expired on {day_of(reader.opening.expires)}; what was to be deleted since is in it."
        )
    refuse_what_is_there(folder)
    with new_folder(folder) as making:
        inside = parcels.unwrap(reader)
        manifest = _manifest(next(inside, ("", b"")))
        rows = _write_files(making, inside)
        config = _aim(making, folder, database_url, tell)
        with closing(Database(_address(config, making))) as database:
            _refuse_used(database)
            with migrate.emptied_on_error(database):
                found = _fill(database, config, keys, manifest, rows, tell)
            _note(database, found)
    return found


def refuse_what_is_there(folder: Path) -> None:
    """WiringError unless ``folder`` is new, or holds nothing but folders."""
    if folder.exists() and (not folder.is_dir() or any(not one.is_dir() for one in folder.rglob("*"))):
        raise WiringError(f"{folder}: is not empty; name a new folder, nothing was changed")


def install_of(file: BinaryIO) -> tuple[str, str]:
    """Which install's backup it says it is, and the day on which it expires. Leaves the file at its start."""
    opening = read_opening(file)
    file.seek(0)
    return opening.install, day_of(opening.expires)


def _open(file: BinaryIO, keys: RecoveryKeys) -> Reader:
    try:
        return Reader(file, keys.kem)
    except CannotOpenError:
        raise BackupError("these recovery words do not open this backup") from None


def _manifest(parcel: Parcel) -> dict[str, object]:
    name, content = parcel
    try:
        found = json.loads(content) if name == MANIFEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"made", "revision", "rows"} <= set(found):
        raise BackupError("the backup does not begin with what it holds")
    made = found["made"]
    if type(made) is not int or not 0 <= made <= LATEST:
        raise BackupError("the backup does not say when it was made")
    return found


def _write_files(folder: Path, inside: Iterator[Parcel]) -> Iterator[Parcel]:
    """Write the files; what comes after them are rows."""
    for name, content in inside:
        if not name.startswith(FILES):
            return _again((name, content), inside)
        path = name.removeprefix(FILES)
        if not _OUR_FILES.fullmatch(path):
            raise BackupError("the backup holds a file that is none of ours")
        (folder / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / path).touch(mode=0o600)
        (folder / path).write_bytes(content)
    return iter(())


def _again(first: Parcel, rest: Iterator[Parcel]) -> Iterator[Parcel]:
    yield first
    yield from rest


def _aim(making: Path, folder: Path, database_url: str, tell: Tell) -> Config:
    """The configuration as it will stand in ``folder``, naming another database if one was given."""
    path = making / CONFIG
    if not path.exists():
        raise BackupError("the backup holds no configuration")
    if database_url:
        address = json.dumps(database_url)
        said, changed = _URL.subn(lambda found: found[1] + address, path.read_text("utf-8"))
        path.write_text(said if changed else f"{said}\n[database]\nurl = {address}\n", "utf-8")
        for own in (making / FOLDER).glob("*/database-url"):
            own.unlink()
            tell(f"{own.parent.name}/database-url left out: it names the database that was")
    return Config(folder / CONFIG, load(path).settings)


def _address(config: Config, making: Path) -> str:
    """While it is made, the embedded database lies in the folder beside the real one."""
    return config.settings.database.url or f"sqlite:///{making / DATABASE}"


def _refuse_used(database: Database) -> None:
    if schema.current(database) is None:
        return
    with database.reading() as session:
        if session.get(Install, 1) is not None:
            remedy = "name an empty one with --database"
            raise WiringError(f"the database that the configuration names is in use; {remedy}")


def _fill(
    database: Database,
    config: Config,
    keys: RecoveryKeys,
    manifest: dict[str, object],
    rows: Iterator[Parcel],
    tell: Tell,
) -> Restored:
    """All rows and every check in one transaction."""
    migrate.make_as_of(database, str(manifest["revision"]))
    found = Restored(int(str(manifest["made"])))
    with database.writing() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        tables = {table.name: table for table in parcels.tables(connection)}
        for parcel in rows:
            name = parcel[0].removeprefix(ROWS)
            found.rows[name] = found.rows.get(name, 0) + parcels.put_rows(connection, parcel, tables.get)
            tell(f"{name}: {found.rows[name]} rows")
        if manifest["rows"] != {name: found.rows.get(name, 0) for name in tables}:
            raise BackupError("the backup does not hold the rows that it says it holds")
        if not database.is_sqlite:
            parcels.set_counters(connection, tuple(tables.values()))
        _believe(session, config, keys)
    migrate.upgrade(database)
    return found


def _believe(session: Session, config: Config, keys: RecoveryKeys) -> None:
    """The directory must be the one of these very words: anybody can seal to a recovery key."""
    install = config.settings.install
    try:
        directory = DirectoryReader(install.id, install.root_fingerprint).current(session)
    except DirectoryError as error:
        raise BackupError(f"the backup's team directory is not believable ({error})") from None
    if directory.alarm or directory.root != keys.root.public_key():
        raise BackupError("the backup's team directory is not the one that these words founded")


def _note(database: Database, found: Restored) -> None:
    clock = clock_for(database)
    with database.writing() as session:
        now = clock.now(session)
        audit.record(session, now, actor="operator", verb="restored", made=day_of(found.made))
