"""An install with all servers, watched from outside: what it says, where it writes, how it was started."""

from contextlib import suppress
from pathlib import Path

import psycopg
import requests

from tests.journeys.production import Production
from tests.servers import libpq

DOORS = 20_000
WHERE = """SELECT current_setting('data_directory'), oid FROM pg_database
    WHERE datname = current_database()"""


class Site(Production):
    """Everything that is said to anybody over HTTP is kept, but for the bodies that a person may read."""

    def __init__(self, folder: Path, database: str, queue: str) -> None:
        super().__init__(folder, database, queue)
        self.heard: list[str] = []
        self._http = requests.Session()
        self._http.trust_env = False

    def monitored(self) -> None:
        """Doors for monitoring, out of the way of the other ports."""
        self.doors = self.port + DOORS
        with self.config.open("a", encoding="utf-8") as file:
            file.write(f"\n[monitoring]\nport = {self.doors}\n")

    def say(self, address: str, cookie: str = "", **form: str) -> requests.Response:
        """A request without a redirection followed: its address and headers are kept."""
        headers = {"Cookie": cookie} if cookie else {}
        ask = {"headers": headers, "timeout": 20, "allow_redirects": False}
        answer = self._http.post(address, data=form, **ask) if form else self._http.get(address, **ask)  # type: ignore[arg-type]
        self.heard.append(f"{address} {answer.headers}")
        return answer

    def metrics(self) -> str:
        """Of every process that answers monitoring."""
        found = []
        for port in range(self.doors, self.doors + 7):
            with suppress(requests.RequestException):
                found += [self.say(f"http://127.0.0.1:{port}/{path}").text for path in ("metrics", "readyz")]
        assert len(found) >= 8
        return "\n".join(found)

    def arguments(self) -> bytes:
        """Command lines and environments of all our processes."""
        pids = [self.pid(name) for name in self.names()]
        assert all(pids)
        kept = [Path(f"/proc/{pid}/{what}").read_bytes() for pid in pids for what in ("cmdline", "environ")]
        return b"\n".join(kept)

    def files_of_the_database(self) -> bytes:
        """Its tables' files, its write-ahead log and what it said."""
        with psycopg.connect(libpq(self.database), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            row = connection.execute(WHERE).fetchone()
        assert row is not None
        data = Path(row[0])
        files = [*(data / "base" / str(row[1])).iterdir(), *(data / "pg_wal").glob("0*"), *data.glob("*log*")]
        return b"\n".join(path.read_bytes() for path in files if path.is_file())
