"""Hosts of a network inside this machine: a namespace each, a switch, a cable to each that can be pulled.

A pulled cable loses packets without a word, as in a building: nobody is told that the other side is gone.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.faults.rights import may_arrange

NEEDED = ("ip", "nsenter")


@dataclass(frozen=True)
class Host:
    """``within``: what runs a command there. ``name`` is also that of the cable's end at the switch."""

    name: str
    address: str
    switch: str

    @property
    def within(self) -> tuple[str, ...]:
        return ("nsenter", f"--net=/run/netns/{self.name}")

    def cut(self) -> None:
        _ip("link", "set", self.name, "nomaster")

    def mend(self) -> None:
        _ip("link", "set", self.name, "master", self.switch)


class Network:
    """Addresses of a range that is set aside for measuring (RFC 2544): ``address`` is this machine's."""

    def __init__(self, ends: ExitStack) -> None:
        self._ends = ends
        self._switch = f"tl{secrets.token_hex(4)}"
        self._prefix = f"198.18.{secrets.randbelow(254) + 1}"
        self.address = f"{self._prefix}.1"
        _ip("link", "add", self._switch, "type", "bridge")
        ends.callback(_ip, "link", "del", self._switch)
        _ip("address", "add", f"{self.address}/24", "dev", self._switch)
        _ip("link", "set", self._switch, "up")

    def host(self, number: int) -> Host:
        """A new one; it is gone when the network is."""
        host = Host(f"{self._switch}h{number}", f"{self._prefix}.{number}", self._switch)
        _ip("netns", "add", host.name)
        self._ends.callback(_ip, "netns", "del", host.name)
        _ip("link", "add", host.name, "type", "veth", "peer", "name", "eth0", "netns", host.name)
        # Before its namespace, which the kernel keeps for as long as connections in it are dying.
        self._ends.callback(_ip, "link", "del", host.name)
        host.mend()
        _ip("link", "set", host.name, "up")
        for words in (
            ("address", "add", f"{host.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", host.name, *words)
        return host


@contextmanager
def network() -> Iterator[Network]:
    """Skips where this machine does not let us; where it lets us and lacks the tools, CI fails."""
    if not may_arrange():
        pytest.skip("network namespaces need root with CAP_NET_ADMIN and CAP_SYS_ADMIN")
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {missing}")
    if missing:
        pytest.skip(f"no {missing} on this machine (Debian: apt-get install iproute2 util-linux)")
    with ExitStack() as ends:
        try:
            made = Network(ends)
            made.host(254)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces on this machine: {error.stderr}")
        yield made


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=10)  # noqa: S607 - whichever this machine has
