"""Under systemd a process reports its work to the notification socket; without one, to nobody."""

import os
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notify.wake import DatagramListener, DatagramWaker
from wiring.lifeline import Lifeline, Systemd, set_on_signal

SAID = b"READY=1\nWATCHDOG=1"


@pytest.fixture
def handlers() -> Iterator[None]:
    """A lifeline takes the signals of its process; a test's must get them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def heard(address: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(address)
    listening.settimeout(5)
    return listening


@pytest.mark.usefixtures("handlers")
def test_a_process_without_a_supervisor_reports_to_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with closing(heard(path)) as listening:
        Lifeline().beat()
        assert listening.recv(100) == SAID


def test_a_leading_at_means_an_abstract_name() -> None:
    name = f"tipline-test-{os.getpid()}"
    with closing(heard(f"\0{name}")) as listening:
        Systemd(f"@{name}").beat()
        assert listening.recv(100) == SAID


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_a_beat_that_nobody_hears_is_no_error(address: str) -> None:
    Systemd(address).beat()


def test_the_group_may_wake_the_pager(tmp_path: Path) -> None:
    path = tmp_path / "pager.sock"
    with closing(DatagramListener(path)) as listener, closing(DatagramWaker(path)) as waker:
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        waker.wake()
        assert listener.wait(5)


@pytest.mark.usefixtures("handlers")
def test_a_signal_that_comes_while_its_event_is_waited_for_locks_nothing_up() -> None:
    event = threading.Event()
    set_on_signal(event, signal.SIGUSR1)
    with vars(event)["_cond"]:  # as a wait holds it for moments
        os.kill(os.getpid(), signal.SIGUSR1)
    assert event.wait(5)
