"""The other set-up: PostgreSQL, a role for each process, Valkey, RQ and two workers; all else is the same."""

import re
from pathlib import Path

import psycopg
from psycopg import sql
from redis import Redis

from tests.journeys.demo import Demo
from tests.servers import libpq

ROLES = ("public", "staff", "pager", "watchman")
WORKERS = 2


class Production(Demo):
    """A demo install whose database and queue are servers."""

    def __init__(self, folder: Path, database: str, queue: str) -> None:
        super().__init__(folder)
        self.database = database
        self.queue = queue

    def init(self) -> None:
        if self.config.exists():
            super().init()
            return
        self.said = self.tipline("init", "--demo", "--database", self.database)
        self._write_config()
        self.grant()

    def grant(self) -> None:
        """Make the roles, and let each process use its own."""
        statements = self._run("roles")
        with psycopg.connect(libpq(self.database), autocommit=True) as connection:
            connection.execute(sql.SQL(statements))
        for role in ROLES:
            folder = self.folder / "secrets" / role
            folder.mkdir(mode=0o700, exist_ok=True)
            path = folder / "database-url"
            path.write_text(self.database_as(f"tipline_{role}"), encoding="ascii")
            path.chmod(0o600)

    def database_as(self, role: str) -> str:
        """The same database, seen by another role."""
        return re.sub(r"//[^@]*@", f"//{role}@", self.database, count=1)

    def names(self) -> tuple[str, ...]:
        return (*super().names(), *(f"worker-{number + 1}" for number in range(WORKERS)))

    def everything_written(self) -> bytes:
        return b"\n".join([super().everything_written(), self._rows(), self._queued()])

    def _write_config(self) -> None:
        with self.config.open("a", encoding="utf-8") as file:
            file.write(f'\n[queue]\nurl = "{self.queue}"\nworkers = {WORKERS}\n')

    def _rows(self) -> bytes:
        with psycopg.connect(libpq(self.database)) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            found = []
            for (table,) in tables.fetchall():
                copy = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
                with connection.cursor() as cursor, cursor.copy(copy) as rows:
                    found.append(b"".join(bytes(part) for part in rows))
        return b"\n".join(found)

    def _queued(self) -> bytes:
        """Every file of the queue server: what it was ever told."""
        with Redis.from_url(self.queue) as redis:
            folder = Path(str(redis.config_get("dir")["dir"]))
        return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
