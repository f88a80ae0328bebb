"""Connections and transactions. SQLite (embedded) and PostgreSQL behave alike for every caller.

A writing transaction on SQLite is BEGIN IMMEDIATE: a plain one that upgrades later fails whenever
another writer came first (493 of 900 transactions among three writers).
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, ForeignKey, MetaData, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from vault.patience import Patience

SQLITE_PRAGMAS = (
    # First: the others wait too, when several processes begin at once.
    "PRAGMA busy_timeout=15000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)

# A client that freezes in a transaction must not hold its rows for ever (SKIP LOCKED would hide them).
POSTGRESQL_SETTINGS = (
    "-c idle_in_transaction_session_timeout=2s -c lock_timeout=2s -c statement_timeout=5s -c timezone=UTC"
    " -c client_encoding=UTF8"
)
LOSSY = "-c synchronous_commit=off"
# The server undid the whole transaction for another's sake (deadlock, serialization): it may begin anew.
_UNDONE = frozenset({"40P01", "40001"})
# Each costs the second after which the server looks who waits for whom; a carrier waits fifteen.
TURNS = 8
# As long as a statement: a reporter must hear in time that nothing can be committed.
COMMIT_S = 5.0

# Named constraints are the same on either server, and a later migration can speak of them.
CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


Done = TypeVar("Done")
_logger = logging.getLogger("tipline.database")


class Base(DeclarativeBase):
    """Every room's tables hang here; migrations are held to it by a test."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)


def belongs_to(column: str, ondelete: str | None = "CASCADE") -> ForeignKey:
    """A foreign key that is checked at commit, so that rows may be added to a session in any order.

    SQLAlchemy orders inserts by relationship(), of which the tables have none.
    """
    return ForeignKey(column, ondelete=ondelete, deferrable=True, initially="DEFERRED")


class Database:
    """One database, from which any number of short transactions are taken.

    ``url`` is a SQLAlchemy address: ``sqlite:////path/file.db`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str, pool_size: int = 16, commit_s: float = COMMIT_S) -> None:
        self.url = url
        self._patience = Patience(commit_s)
        self.is_sqlite = url.startswith("sqlite")
        # SQLite's busy handler sleeps up to 100 ms; threads of one process take turns without it.
        self._turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            self._reader = _sqlite_engine(url, pool_size, "BEGIN", "PRAGMA query_only=ON")
            self._asker = _sqlite_engine(url, pool_size, None, "PRAGMA query_only=ON")
            self._writer = _sqlite_engine(url, pool_size, "BEGIN IMMEDIATE")
            self._hinter = self._striking_hinter = self._writer
        else:
            self._writer = _postgresql_engine(url, pool_size, POSTGRESQL_SETTINGS)
            self._hinter = _postgresql_engine(url, 1, f"{POSTGRESQL_SETTINGS} {LOSSY}")
            self._striking_hinter = self._hinter.execution_options(isolation_level="AUTOCOMMIT")
            self._reader = self._writer.execution_options(postgresql_readonly=True)
            self._asker = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writer

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only view at one moment; to write is an error."""
        # There is nothing to commit. A rollback would make psycopg forget every statement it has prepared.
        with self._reader.begin() as connection, Session(connection, autoflush=False) as session:
            yield session

    @contextmanager
    def asking(self) -> Iterator[Session]:
        """For questions that need not be answered as of one moment: no transaction is around them."""
        with self._asker.connect() as connection, Session(connection, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self, *, unhurried: bool = False) -> Iterator[Session]:
        """One writing transaction: commits at the end of the block, rolls back on any error. Never nested.

        An error of the commit itself says that nobody knows: it may be there all the same. ``unhurried``: of
        a command that computes within it, and is not to be taken for a client that froze.
        """
        with self._whole(self._writer, unhurried=unhurried) as session:
            yield session

    def insist(self, work: Callable[[Session], Done], *, at_once: bool = False) -> Done:
        """Do ``work`` in one writing transaction; what it returned, once that is committed.

        ``at_once``: it writes with its last statement alone, a transaction by itself as in ``striking``.

        Where PostgreSQL undoes it for another's sake it is done anew, ``TURNS`` times in all: so it does
        nothing that the database cannot undo. For what is asked for but once: by a call's digit, a click.
        """
        for _ in range(TURNS - 1):
            try:
                return self._do(work, at_once=at_once)
            except DBAPIError as error:
                if not _was_undone(error):
                    raise
                _logger.warning("a transaction was undone for another and begins anew")
        return self._do(work, at_once=at_once)

    def _do(self, work: Callable[[Session], Done], *, at_once: bool) -> Done:
        with self.striking() if at_once else self.writing() as session:
            return work(session)

    @contextmanager
    def striking(self) -> Iterator[Session]:
        """For statements of which each is whole: on PostgreSQL it commits by itself, in one round trip.

        On SQLite they are one transaction, as in ``writing``.
        """
        with self._whole(self._writer) if self.is_sqlite else self._each(self._asker) as session:
            yield session

    @contextmanager
    def hinting(self, *, at_once: bool) -> Iterator[Session]:
        """As ``writing``, or ``striking`` if ``at_once``, of what may be lost: nobody waits for the disk.

        A server that crashes undoes it together with all hints after it, and with nothing that is no hint.
        """
        each = at_once and not self.is_sqlite
        with self._each(self._striking_hinter) if each else self._whole(self._hinter) as session:
            yield session

    @contextmanager
    def _whole(self, engine: Engine, *, unhurried: bool = False) -> Iterator[Session]:
        with (
            self._turn,
            engine.connect() as connection,
            ExitStack() as ends,
            connection.begin(),
            Session(connection) as session,
        ):
            session.connection()  # so that its rollback undoes what was written past it too
            if unhurried and not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield session
            session.flush()
            if not self.is_sqlite:
                ends.enter_context(self._patience.ends(_socket_of(connection)))

    @contextmanager
    def _each(self, engine: Engine) -> Iterator[Session]:
        with (
            engine.connect() as connection,
            self._patience.ends(_socket_of(connection)),
            Session(connection, autoflush=False) as session,
        ):
            yield session

    def close(self) -> None:
        self._patience.close()
        self._hinter.dispose()
        self._asker.dispose()
        self._reader.dispose()
        self._writer.dispose()


def connection_of(session: Session) -> Connection:
    """What ``session.connection()`` gives, without its look at the state of a session each time."""
    bound = session.bind
    return bound if isinstance(bound, Connection) else session.connection()


def _was_undone(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", "") in _UNDONE


def _socket_of(connection: Connection) -> int:
    driver: Any = connection.connection.driver_connection
    return int(driver.fileno())


def _sqlite_engine(url: str, pool_size: int, begin: str | None, *pragmas: str) -> Engine:
    # hide_parameters: an error, and so a traceback in a log, shows the statement and never the values.
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # None hands transaction control to us; the driver's own BEGIN would be a plain one.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*SQLITE_PRAGMAS, *pragmas):
            cursor.execute(pragma)
        cursor.close()

    if begin is not None:

        @event.listens_for(engine, "begin")
        def start(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own signature
            connection.exec_driver_sql(begin)

    return engine


def _postgresql_engine(url: str, pool_size: int, settings: str) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "options": settings,
            "tcp_user_timeout": 3000,
            "connect_timeout": 3,
            "target_session_attrs": "read-write",
        },
    )
