"""Statements that every message needs: SQLAlchemy writes them once for a kind of database, as text.

The driver itself gets the text and the values. Half of what storing a message took was SQLAlchemy looking up,
each time anew, what it had already written, and what the columns of an answer are.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, Connection, Dialect, Insert, bindparam, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from vault.database import Base, connection_of

Row = Mapping[str, Any]
# What a statement finds: a named tuple, with the names of the columns that it asks for.
Found = Any
_Shape = tuple[int, tuple[str, ...]]  # how many rows, of which columns


@dataclass(slots=True)
class _Text:
    """``order``: of the values, for drivers that take them by place. ``fixed``: what the statement brings.

    ``row``: makes a row of what is found; known once something was.
    """

    sql: str
    order: Sequence[str] | None
    fixed: Row
    row: Callable[[Iterable[Any]], Any] | None = None

    def values(self, given: Row) -> Any:  # noqa: ANN401 - what a driver takes: places or names
        values = {**self.fixed, **given} if self.fixed else given
        return values if self.order is None else tuple([values[name] for name in self.order])

    def found(self, cursor: Any) -> list[Found]:  # noqa: ANN401 - a driver's own
        if self.row is None:
            if cursor.description is None:
                return []
            names = [one[0] for one in cursor.description]
            made: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - known only now
            self.row = made._make
        return [*map(self.row, cursor.fetchall())]


class Statement:
    """``clause`` with a ``bindparam`` for each value: a text, whole number, truth, bytes or None.

    An ``expanding`` one takes a list; for each length of it there is a text of its own.
    """

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        binds = (one for one in visitors.iterate(clause) if isinstance(one, BindParameter))
        self._lists = [one.key for one in binds if one.expanding]
        self._texts: dict[tuple[str, tuple[int, ...]], _Text] = {}

    def run(self, session: Session, values: Row | None = None) -> list[Found]:
        """Execute with ``values``: the rows it finds. Errors are SQLAlchemy's."""
        connection, given = connection_of(session), values or {}
        key = (connection.dialect.name, tuple([len(given[name]) for name in self._lists]))
        text = self._texts.get(key) or self._texts.setdefault(key, self._write(connection.dialect, given))
        if self._lists:
            given = _spread(given, self._lists)
        return _ask(connection, text, text.values(given))

    def _write(self, dialect: Dialect, given: Row) -> _Text:
        made = self._clause.compile(dialect=dialect)
        if not isinstance(made, SQLCompiler):
            raise TypeError("this clause is no statement")
        fixed = {name: one for name, one in made.params.items() if one is not None}
        if not self._lists:
            return _Text(made.string, made.positiontup, fixed)
        blank = {name: [None] * len(given[name]) for name in self._lists}
        whole = made.construct_expanded_state({**dict.fromkeys(made.params), **blank})
        return _Text(whole.statement, whole.positiontup, fixed)


class Adding:
    """Adds rows to a table, all with one statement; what a row does not name gets its column's default."""

    def __init__(self, rows_of: type[Base]) -> None:
        self._table = rows_of.__table__
        columns = ((one.name, one.default) for one in self._table.columns)
        self._defaults = {
            name: one.arg for name, one in columns if isinstance(one, ScalarElementColumnDefault)
        }
        self._statements: dict[_Shape, Statement] = {}

    def run(self, session: Session, *rows: Row) -> None:
        """Add ``rows``, which all name the same columns. Errors are SQLAlchemy's."""
        shape, values = self.laid_out(rows)
        statement = self._statements.get(shape) or self._statements.setdefault(
            shape, Statement(self.insert(shape))
        )
        statement.run(session, values)

    def laid_out(self, rows: Sequence[Row], prefix: str = "") -> tuple[_Shape, dict[str, Any]]:
        """What statement ``rows`` need, and its values."""
        whole = [{**self._defaults, **row} for row in rows]
        numbered = enumerate(whole)
        values = {f"{prefix}{name}_{at}": one for at, row in numbered for name, one in row.items()}
        return (len(whole), tuple(whole[0])), values

    def insert(self, shape: _Shape, prefix: str = "") -> Insert:
        count, names = shape
        rows: list[dict[str, BindParameter[Any]]] = [
            {name: bindparam(f"{prefix}{name}_{at}") for name in names} for at in range(count)
        ]
        return insert(self._table).inline().values(rows)  # type: ignore[arg-type]  # a mapped class has a Table


class AddingTogether:
    """Adds rows to several tables: on PostgreSQL with one statement, and so in one round trip.

    SQLite, which has no such statement, has no round trips either.
    """

    def __init__(self, *rows_of: type[Base]) -> None:
        self._addings = [Adding(one) for one in rows_of]
        self._statements: dict[tuple[tuple[int, _Shape], ...], Statement] = {}

    def run(self, session: Session, *rows: Sequence[Row]) -> None:
        """Add ``rows[0]`` to the first table, and so on; to any there may be none. Errors: SQLAlchemy's."""
        wanted = [(at, some) for at, some in enumerate(rows) if some]
        if not wanted:
            return
        if connection_of(session).dialect.name == "sqlite":
            for at, some in wanted:
                self._addings[at].run(session, *some)
            return
        laid = [(at, *self._addings[at].laid_out(some, f"t{at}_")) for at, some in wanted]
        shapes = tuple([(at, shape) for at, shape, _ in laid])
        statement = self._statements.get(shapes) or self._statements.setdefault(
            shapes, Statement(self._insert(shapes))
        )
        statement.run(session, {name: one for _, _, values in laid for name, one in values.items()})

    def _insert(self, shapes: Sequence[tuple[int, _Shape]]) -> Insert:
        *others, last = [self._addings[at].insert(shape, f"t{at}_") for at, shape in shapes]
        return last.add_cte(*(one.cte(f"added_{number}") for number, one in enumerate(others)))


def _ask(connection: Connection, text: _Text, values: Any) -> list[Found]:  # noqa: ANN401 - places or names
    """What the driver answers. Where it fails, as SQLAlchemy says it: a lost connection is not used again."""
    driver: Any = connection.connection.driver_connection
    try:
        return text.found(driver.execute(text.sql, values))
    except connection.dialect.loaded_dbapi.Error as error:
        lost = connection.dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        base: Any = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(
            text.sql, values, error, base, hide_parameters=True, connection_invalidated=lost
        ) from error


def _spread(given: Row, lists: Iterable[str]) -> Row:
    """``given`` with a value ``name_1``, ``name_2`` … for each of a list, as SQLAlchemy names them."""
    spread = {f"{name}_{at}": one for name in lists for at, one in enumerate(given[name], 1)}
    return {**given, **spread}
