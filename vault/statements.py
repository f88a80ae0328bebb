"""Statements that every message needs: SQLAlchemy writes them once for a kind of database, as text.

The driver gets the text and the values. Half of what storing a message took was SQLAlchemy looking up, each
time anew, what it had already written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ClauseElement, CursorResult, Dialect, Insert, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from vault.database import Base

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Text:
    """``order``: of the values, for drivers that take them by place. ``fixed``: what the statement brings."""

    sql: str
    order: Sequence[str] | None
    fixed: Row

    def values(self, row: Row) -> Any:  # noqa: ANN401 - what a driver takes: places or names
        given = {**self.fixed, **row}
        return given if self.order is None else tuple([given[name] for name in self.order])


class Statement:
    """``clause`` with a ``bindparam`` for each value: a text, whole number, truth, bytes or None."""

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._texts: dict[tuple[str, ...], _Text] = {}

    def run(self, session: Session, *rows: Row) -> CursorResult[*tuple[Any, ...]]:
        """Execute once for each of ``rows``, which all name the same values. Errors are SQLAlchemy's."""
        connection = session.connection()
        named = rows or ({},)
        key = (connection.dialect.name, *named[0])
        text = self._texts.get(key) or self._texts.setdefault(key, self._write(connection.dialect, named[0]))
        values = [text.values(row) for row in named]
        return connection.exec_driver_sql(text.sql, values if len(values) > 1 else values[0])

    def _write(self, dialect: Dialect, row: Row) -> _Text:
        keys = tuple(row) if isinstance(self._clause, Insert) else None
        made = cast("SQLCompiler", self._clause.compile(dialect=dialect, column_keys=keys))
        return _Text(made.string, made.positiontup, self._fixed(made))

    def _fixed(self, made: SQLCompiler) -> Row:
        if isinstance(self._clause, Insert):
            defaults = ((one.name, one.default) for one in self._clause.table.columns)
            return {name: one.arg for name, one in defaults if isinstance(one, ScalarElementColumnDefault)}
        return {name: one for name, one in made.params.items() if one is not None}


def adding(rows_of: type[Base]) -> Statement:
    """A statement that adds rows; what a row does not name gets its column's default."""
    return Statement(insert(rows_of.__table__).inline())  # type: ignore[arg-type]  # a mapped class has a Table
