"""A whole demo install in a folder of its own: real processes, the real supervisor, the simulator."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.waiting import eventually

START_S = 60
PORTS = 3


@dataclass(frozen=True)
class SignIn:
    login: str
    password: str


class Carrier:
    """The simulator's contract: what a test may ask of the phones."""

    def __init__(self, base: str, ca_file: Path | None = None) -> None:
        self.base = base
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(ca_file) if ca_file else True

    def phones(self) -> list[dict[str, Any]]:
        return self._json("/phones.json")

    def number(self, role: str) -> str:
        return next(str(one["number"]) for one in self.phones() if one["role"] == role)

    def reporter(self, index: int = 0) -> str:
        return [str(one["number"]) for one in self.phones() if one["role"] == "reporter"][index]

    def messages(self, to: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
        found = self._json("/messages.json")
        return [
            one for one in found if (to or one["to"]) == one["to"] and (kind or one["kind"]) == one["kind"]
        ]

    def pages(self, reference: str | None = None) -> list[dict[str, Any]]:
        """Texts that ask for a code (of one case, or all)."""
        return [
            one
            for one in self.messages(kind="sms")
            if "Reply" in one["body"] and (reference or "") in one["body"]
        ]

    def send(self, sender: str, to: str, body: str) -> None:
        self._http.post(self.base + "/send", json={"from": sender, "to": to, "body": body}, timeout=10)

    def answer(self, call_id: str, digits: str) -> dict[str, Any]:
        found: dict[str, Any] = self._http.post(
            self.base + "/answer", json={"id": call_id, "digits": digits}, timeout=20
        ).json()
        return found

    def fault(self, to: str, mode: str, seconds: float) -> None:
        self._http.post(self.base + "/fault", json={"to": to, "mode": mode, "seconds": seconds}, timeout=5)

    def _json(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._http.get(self.base + path, timeout=10).json()
        return found


class Demo:
    """`tipline init --demo` and `tipline serve` in ``folder``, on three free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.port = _free_ports()
        self.form = f"http://127.0.0.1:{self.port}"
        self.casework = f"http://127.0.0.1:{self.port + 1}"
        self.carrier = Carrier(f"http://127.0.0.1:{self.port + 2}")
        self.said = ""
        # Where and with what its processes run, for those that have a network or a clock of their own.
        self.within: tuple[str, ...] = ()
        self.environment: Mapping[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    def init(self) -> None:
        self.said = self.tipline("init", "--demo")

    def start(self) -> None:
        with (self.folder / "serve.out").open("w", encoding="utf-8") as output:
            self._process = subprocess.Popen(
                [*self.within, *_TIPLINE, "serve", "--config", str(self.config), "--port", str(self.port)],
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        eventually(self.is_up, START_S)

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(45)

    def kill_all(self) -> None:
        """SIGKILL the supervisor; its children must die with it."""
        assert self._process
        pids = [self.pid(name) for name in self.names()]
        self._process.kill()
        self._process.wait(10)
        eventually(lambda: not any(pid and _alive(pid) for pid in pids))

    def names(self) -> tuple[str, ...]:
        """The processes of this set-up."""
        return ("public", "staff", "pager", "watchman")

    def pid(self, name: str) -> int | None:
        with suppress(OSError, ValueError):
            return int((self.folder / "run" / f"{name}.pid").read_text())
        return None

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to one process; its id."""
        pid = eventually(lambda: self.pid(name))
        assert pid
        os.kill(pid, number)
        return pid

    def restarted(self, name: str, before: int) -> bool:
        pid = self.pid(name)
        return pid is not None and pid != before and _alive(pid)

    def sign_in(self, login_like: str) -> SignIn:
        """The demo sign-in whose login contains ``login_like``."""
        text = (self.folder / "demo-sign-ins.txt").read_text(encoding="utf-8")
        line = next(one for one in text.splitlines() if login_like in one)
        login, password = line.split()[:2]
        return SignIn(login, password)

    def everything_written(self) -> bytes:
        """All bytes of all files of the install, for the search for what must not be there."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and "simulator" not in path.name]
        return b"\n".join(path.read_bytes() for path in files)

    def is_up(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise AssertionError((self.folder / "serve.out").read_text(encoding="utf-8"))
        with suppress(requests.RequestException):
            return all(requests.get(f"{one}/healthz", timeout=2).ok for one in self.served())
        return False

    def served(self) -> tuple[str, ...]:
        """Addresses that answer when all is up."""
        return (self.form, self.casework, self.carrier.base)

    @contextmanager
    def running(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """One of our commands, while it runs."""
        command = [*_TIPLINE, *arguments, "--config", str(self.config)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def tipline(self, *arguments: str) -> str:
        return self._run(*arguments, "--config", str(self.config))

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*_TIPLINE, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def code_in(page: dict[str, Any]) -> str:
    """The digits that a page asks for."""
    found = re.search(r"Reply (\d{4,6})", page["body"])
    assert found, page["body"]
    return found.group(1)


def reference_in(page: dict[str, Any]) -> str:
    found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", page["body"])
    assert found, page["body"]
    return found.group(0)


_TIPLINE = (sys.executable, "-m", "wiring")


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def _free_ports() -> int:
    """A base port with its neighbours free; drawn where the system hands out no ports of its own."""
    start = 10_000 + (os.getpid() * 7 + time.monotonic_ns() // 1000) % 20_000
    for base in range(start, start + 3000, PORTS):
        if all(_is_free(base + offset) for offset in range(PORTS)):
            return base
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
