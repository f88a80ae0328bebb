"""Rows that a forger put into a backup: they fit their table, or there is one refusal and nothing else."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table

from vault import parcels
from vault.database import Database
from vault.errors import BackupError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just({"b64": "AA=="}),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["b64", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
NAMES = ("rows/digest", "rows/report", "rows/audit_event", "rows/none", "rows/", "digest", "manifest")
HEADS = ('["school","day"]', '["day","school"]', '["day"]', '["day","day"]', '["id"]', "[]", "{}", "")
LINES = st.lists(st.lists(JSON, max_size=3).map(json.dumps).map(str.encode), max_size=3)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(NAMES),
    head=st.sampled_from(HEADS).map(str.encode) | st.binary(max_size=20),
    lines=st.one_of(LINES, st.lists(st.binary(max_size=20), max_size=2)),
)
def test_whatever_is_in_a_parcel_ends_in_rows_or_in_one_refusal(
    database: Database, name: str, head: bytes, lines: list[bytes]
) -> None:
    with database.engine.connect() as connection:
        tables = {table.name: table for table in _tables(database)}
        try:
            stored = parcels.put_rows(connection, (name, b"\n".join([head, *lines])), tables.get)
            assert stored == len(lines)
            assert name.removeprefix("rows/") in tables
        except BackupError:
            pass
        connection.rollback()


def _tables(database: Database) -> tuple[Table, ...]:
    if database.url not in _KNOWN:
        with database.engine.connect() as connection:
            _KNOWN[database.url] = parcels.tables(connection)
    return _KNOWN[database.url]


_KNOWN: dict[str, tuple[Table, ...]] = {}
