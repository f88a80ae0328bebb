"""What a backup holds inside its seal: named parcels one after another, and a database's rows as such."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Protocol

from sqlalchemy import Connection, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.exc import StatementError

from vault.errors import BackupError

ROWS = "rows/"
FULL = 1 << 20
LARGEST = 1 << 28
_LONGEST_NAME = 200
_NO_FIT = "rows of the backup do not fit their table"
# What dies with a process, a browser or a host, and what says which schema it is.
LEFT_OUT = frozenset(
    {"alembic_version", "schema_fit", "staff_session", "text_context", "audit_lease", "pulse"}
)

Parcel = tuple[str, bytes]


class Source(Protocol):
    """Where parcels are read from: fewer bytes than asked for only at the end."""

    def read(self, size: int) -> bytes: ...


def wrap(name: str, content: bytes) -> bytes:
    """One parcel: lengths of name (4 bytes) and content (8), then both."""
    title = name.encode()
    return len(title).to_bytes(4, "big") + len(content).to_bytes(8, "big") + title + content


def unwrap(source: Source) -> Iterator[Parcel]:
    """Every parcel in order. BackupError when there is anything else."""
    while head := source.read(12):
        length, size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
        if len(head) != 12 or length > _LONGEST_NAME or size > LARGEST:  # noqa: PLR2004 - two lengths
            raise BackupError("a parcel of the backup is malformed")
        whole = source.read(length + size)
        if len(whole) != length + size:
            raise BackupError("a parcel of the backup is malformed")
        yield whole[:length].decode(errors="replace"), whole[length:]


def tables(connection: Connection) -> tuple[Table, ...]:
    """Every table that is saved, as the database itself has it."""
    names = sorted(set(inspect(connection).get_table_names()) - LEFT_OUT)
    return tuple(Table(name, MetaData(), autoload_with=connection, resolve_fks=False) for name in names)


def count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def pack_rows(connection: Connection, table: Table) -> Iterator[tuple[int, Parcel]]:
    """The table's rows in parcels of about a megabyte, each with how many it holds."""
    head = _line([column.name for column in table.columns])
    lines, size = [head], len(head)
    with closing(connection.execution_options(yield_per=200).execute(select(table))) as rows:
        for row in rows:
            lines.append(_line([_plain(value) for value in row]))
            size += len(lines[-1])
            if size > FULL:
                yield len(lines) - 1, (ROWS + table.name, b"\n".join(lines))
                lines, size = [head], len(head)
    if len(lines) > 1:
        yield len(lines) - 1, (ROWS + table.name, b"\n".join(lines))


def put_rows(connection: Connection, parcel: Parcel, find: Callable[[str], Table | None]) -> int:
    """Store the rows of a parcel; how many. BackupError for a table or a column that is not there."""
    name, content = parcel
    table = find(name.removeprefix(ROWS)) if name.startswith(ROWS) else None
    columns, *rows = [_read(line) for line in content.split(b"\n")]
    names = [str(column) for column in columns]
    if table is None or not _fit(table, names, rows):
        raise BackupError(_NO_FIT)
    try:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    except (StatementError, OverflowError) as error:
        raise BackupError(_NO_FIT) from error
    return len(rows)


def _fit(table: Table, names: Sequence[str], rows: Sequence[Sequence[object]]) -> bool:
    whole = all(len(row) == len(names) for row in rows)
    return bool(rows) and whole and sorted(names) == sorted(table.columns.keys())


def set_counters(connection: Connection, restored: Sequence[Table]) -> None:
    """PostgreSQL's counters go on after the highest number that was put back."""
    for table in restored:
        key = list(table.primary_key.columns)
        if len(key) == 1 and key[0].type.python_type is int:
            highest = connection.scalar(select(func.max(key[0])))
            facts = {"table": table.name, "column": key[0].name, "highest": highest}
            if highest is not None:
                connection.execute(_SET_COUNTER, facts)


_SET_COUNTER = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")


def _line(values: Sequence[object]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode()


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return {"b64": base64.b64encode(value).decode("ascii")}
    return value


def _read(line: bytes) -> list[object]:
    try:
        values = json.loads(line)
        if not isinstance(values, list):
            raise BackupError("a row of the backup is malformed")
        return [_value(value) for value in values]
    except (ValueError, RecursionError) as error:
        raise BackupError("a row of the backup is malformed") from error


def _value(value: object) -> object:
    if not isinstance(value, dict):
        return value
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise BackupError("a row of the backup is malformed") from error
