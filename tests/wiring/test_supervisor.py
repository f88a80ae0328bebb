"""The supervisor restarts what dies or falls silent, stops in order, and leaves no orphan."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import eventually
from wiring.child import Child
from wiring.supervisor import Supervisor

MAYFLY = Path(__file__).with_name("mayfly.py")
PROGRAM = (sys.executable, str(MAYFLY))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "run").mkdir()
    (tmp_path / "log").mkdir()
    return tmp_path


@pytest.fixture
def children() -> Iterator[list[Child]]:
    made: list[Child] = []
    yield made
    for child in made:
        child.kill()
        child.gone(5)


def child(folder: Path, children: list[Child], name: str, *arguments: str, silence_s: float = 5) -> Child:
    children.append(Child(name, arguments, folder, PROGRAM, silence_s))
    return children[-1]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_child_that_is_killed_is_started_again(folder: Path, children: list[Child]) -> None:
    steady = child(folder, children, "steady")
    steady.start()
    assert eventually(steady.tend) == "ready"
    first = steady.pid
    assert first
    assert (folder / "run" / "steady.pid").read_text().strip() == str(first)
    os.kill(first, signal.SIGKILL)
    assert eventually(steady.tend) == "died"
    assert eventually(steady.tend) == "restarted"
    assert steady.pid not in (None, first)
    assert (folder / "run" / "steady.pid").read_text().strip() == str(steady.pid)


def test_a_child_that_works_whenever_it_is_there_comes_back_soon(folder: Path, children: list[Child]) -> None:
    steady = child(folder, children, "steady")
    steady.start()
    pauses = []
    for _ in range(4):
        eventually(lambda: steady.tend() == "ready")
        steady.kill()
        eventually(lambda: steady.tend() == "died")
        died = time.monotonic()
        eventually(lambda: steady.tend() == "restarted")
        pauses.append(time.monotonic() - died)
    assert max(pauses) < 1.5


@pytest.mark.parametrize("name", ["silent", "steady"])
def test_a_child_without_heartbeat_is_killed_and_started_again(
    folder: Path, children: list[Child], name: str
) -> None:
    still = child(folder, children, name, silence_s=0.5)
    still.start()
    eventually(lambda: still.tend() or still.beaten)
    first = still.pid
    assert first
    if name == "steady":
        os.kill(first, signal.SIGSTOP)
    assert eventually(still.tend) == "silent"
    assert not is_alive(first)
    assert eventually(still.tend) == "restarted"


def test_a_child_that_keeps_dying_is_started_less_and_less_often(folder: Path, children: list[Child]) -> None:
    mortal = child(folder, children, "mortal")
    mortal.start()
    pauses = []
    for _ in range(3):
        eventually(lambda: mortal.tend() == "died")
        died = time.monotonic()
        eventually(lambda: mortal.tend() == "restarted")
        pauses.append(time.monotonic() - died)
    assert pauses[0] < pauses[1] < pauses[2] < 5


def test_a_stop_lets_children_finish_in_order_and_takes_their_pid_files(
    folder: Path, children: list[Child]
) -> None:
    notes = {name: folder / f"{name}.note" for name in ("public", "pager", "watchman")}
    for name, note in notes.items():
        child(folder, children, name, str(note))
    ready, beats = threading.Event(), threading.Event()
    supervisor = Supervisor(children, ready.set, beats.set)
    running = threading.Thread(target=supervisor.run)
    running.start()
    assert ready.wait(20)
    assert beats.wait(20)
    supervisor.stop.set()
    running.join(10)
    assert not running.is_alive()
    written = [note.stat().st_mtime_ns for note in notes.values()]
    assert written == sorted(written)
    assert not list((folder / "run").glob("*.pid"))


def test_a_child_that_ignores_the_request_is_killed(folder: Path, children: list[Child]) -> None:
    stubborn = child(folder, children, "stubborn")
    stubborn.start()
    eventually(lambda: stubborn.tend() or stubborn.beaten)
    stubborn.ask_to_stop()
    assert not stubborn.gone(0.5)
    stubborn.kill()
    assert stubborn.gone(5)


@pytest.mark.parametrize("name", ["steady", "stubborn", "silent"])
def test_children_die_with_their_supervisor(folder: Path, name: str) -> None:
    program = f"""
import time
from pathlib import Path
from wiring.child import Child

child = Child({name!r}, (), Path({str(folder)!r}), {PROGRAM!r})
child.start()
while not child.beaten:
    child.tend()
print("ready", flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    pid = int((folder / "run" / f"{name}.pid").read_text())
    assert is_alive(pid)
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    eventually(lambda: not is_alive(pid))
