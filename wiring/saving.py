"""Makes a backup: database, configuration and secrets of one moment, in one file sealed to the recovery key.

Nothing is written in clear: what is read goes through the seal piece by piece.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from vault import audit, parcels, schema
from vault.database import Database
from vault.stream import Writer
from wiring.config import Config
from wiring.errors import WiringError
from wiring.founding import CONFIG
from wiring.ground import Ground
from wiring.secrets import FOLDER

MANIFEST = "manifest"
FILES = "file/"
DAY_MS = 24 * 3_600_000
# Keys that live for two hours: what they sealed is meant to be lost.
HOUR_KEYS = f"{FOLDER}/public/hours"

Tell = Callable[[str], None]


def save(ground: Ground, to: Path, keep_days: int, tell: Tell) -> int:
    """Write the backup ``to``; how many bytes. WiringError when it is there already or cannot be written."""
    with ground.database.reading() as session, _new_file(to) as file:
        connection = _still(session, ground.database)
        now, directory = ground.clock.now(session), ground.directory.current(session)
        if directory.alarm:
            raise WiringError(f"the team directory is not believable ({directory.alarm}); no backup was made")
        expires = now + keep_days * DAY_MS
        writer = Writer(file, directory.recovery, ground.install, expires)
        writer.write(parcels.wrap(MANIFEST, _manifest(ground, connection, now)))
        for name, content in _files(ground.config):
            writer.write(parcels.wrap(FILES + name, content))
        _save_rows(writer, connection, tell)
        writer.close()
        size = file.tell()
    with ground.database.writing() as session:
        now = ground.clock.now(session)
        audit.record(session, now, actor="operator", verb="backup_made", expires=day_of(expires))
    return size


def day_of(moment: int) -> str:
    """The day (UTC) of ``moment`` (ms), as 2026-01-31."""
    return datetime.fromtimestamp(moment / 1000, UTC).date().isoformat()


def _still(session: Session, database: Database) -> Connection:
    """The database as it is at this moment, however long the reading takes and whoever writes meanwhile."""
    connection = session.connection()
    if database.is_sqlite:
        return connection
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {setting} = 0"))
    return connection


def _manifest(ground: Ground, connection: Connection, now: int) -> bytes:
    counts = {table.name: parcels.count(connection, table) for table in parcels.tables(connection)}
    facts = {"made": now, "revision": schema.current(ground.database), "rows": counts}
    return json.dumps(facts, sort_keys=True).encode()


def _files(config: Config) -> Iterator[tuple[str, bytes]]:
    yield CONFIG, _read(config.path)
    for path in sorted((config.folder / FOLDER).rglob("*")):
        name = path.relative_to(config.folder).as_posix()
        if path.is_file() and not name.startswith(HOUR_KEYS):
            yield name, _read(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WiringError(f"{path}: cannot be read ({error.strerror}); no backup was made") from None


def _save_rows(writer: Writer, connection: Connection, tell: Tell) -> None:
    for table in parcels.tables(connection):
        total = 0
        for count, parcel in parcels.pack_rows(connection, table):
            writer.write(parcels.wrap(*parcel))
            total += count
            tell(f"{table.name}: {total} rows")


@contextmanager
def _new_file(to: Path) -> Iterator[BinaryIO]:
    """A file that is there when it is complete and on disk, or not at all; for this user alone."""
    if to.exists():
        raise WiringError(f"{to}: is there already; name another file")
    part = to.with_name(to.name + ".part")
    try:
        with _of_ours_alone(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.replace(to)
            _keep_name(to.parent)
    except BlockingIOError:
        raise WiringError(f"{to}: another backup is being written there; nothing was kept") from None
    except OSError as error:
        raise WiringError(f"{to}: cannot be written ({error.strerror}); nothing was kept") from None


@contextmanager
def _of_ours_alone(part: Path) -> Iterator[BinaryIO]:
    """Over what a killed backup left there. BlockingIOError: another one is writing there now."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            os.fchmod(descriptor, 0o600)
            os.ftruncate(descriptor, 0)
            yield file
        finally:
            part.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """A file's name is on disk once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
