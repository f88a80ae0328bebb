"""Row ``intake``: a whole reporter's journey (form, message, receipt) beside the bare probe, run in turn."""

import itertools
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path

from tests.load.clients import Browser, Load, median, percentile, run
from tests.load.rows import Row
from tests.waiting import eventually

JOURNEYS = 400
WARM_UP = 60
ROUNDS = 3
CALM = "some kids keep calling my friend names in gym and laugh when she walks by, it goes on for weeks now. "
ALARM = "my friend says he will kill himself tonight and he is not answering. "
NONCE = re.compile(r'name="nonce" value="([^"]+)"')
WORDS = re.compile(r'<p class="words"[^>]*>([^<]+)</p>')


def rows() -> Iterator[Row]:
    """Medians of several rounds; a round measures the probe and Tipline one after the other."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ours = stack.enter_context(public(Path(folder)))
        bare = stack.enter_context(probe(f"sqlite:///{Path(folder) / 'probe.db'}"))
        yield compare("intake", ours, bare)


def compare(name: str, ours: int, bare: int) -> Row:
    """Journeys a second at port ``ours`` beside the probe's at port ``bare``."""
    journey = reporter()
    run(ours, journey, WARM_UP)
    run(bare, bare_journey, WARM_UP)
    pairs = [(run(bare, bare_journey, JOURNEYS), run(ours, journey, JOURNEYS)) for _ in range(ROUNDS)]
    times = [time for _, load in pairs for time in load.journeys_ms]
    return Row(
        name=name,
        value=median([load.per_second for _, load in pairs]),
        unit="journeys/s",
        baseline=median([load.per_second for load, _ in pairs]),
        ratio=median([_ratio(load, baseline) for baseline, load in pairs]),
        p50_ms=median(times),
        p99_ms=percentile(times, 0.99),
    )


def reporter() -> Callable[[Browser], None]:
    """A journey of 500 characters; every fifth message is an alarm."""
    counter = itertools.count()

    def journey(browser: Browser) -> None:
        text = message(next(counter))
        nonce = _found(NONCE, browser.get("/?lang=en"))
        receipt = _found(WORDS, browser.post("/?lang=en", nonce=nonce, text=text))
        thread = browser.post("/thread?lang=en", receipt=receipt)
        if "You wrote" not in thread:
            raise RuntimeError("the thread did not open")

    return journey


def message(number: int) -> str:
    """The text of journey ``number``: 500 characters that page nobody, but for every fifth."""
    return ((ALARM if number % 5 == 0 else "") + CALM * 6)[:500]


def bare_journey(browser: Browser) -> None:
    """The same three requests of the probe."""
    text = message(1)
    browser.get("/")
    name = browser.post("/", text=text)
    if text not in browser.post("/thread", receipt=name):
        raise RuntimeError("the probe did not open what it stored")


@contextmanager
def public(folder: Path) -> Iterator[int]:
    """The real public process of a fresh demo install; its port."""
    config, port = folder / "install" / "config.toml", free_port()
    config.parent.mkdir()
    tipline = [sys.executable, "-m", "wiring"]
    subprocess.run([*tipline, "init", "--demo", "--config", config], check=True, stdout=subprocess.DEVNULL)
    with server([*tipline, "public", "--config", str(config), "--port", str(port)], port):
        yield port


@contextmanager
def probe(url: str) -> Iterator[int]:
    """The bare probe on a database of its own; its port."""
    port = free_port()
    with server([sys.executable, "-m", "tests.load.probe", url, str(port)], port):
        yield port


@contextmanager
def server(command: list[str], port: int) -> Iterator[None]:
    """A process that answers on ``port`` when the block begins, and is ended after it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: process.poll() is not None or _answers(port), 60)
        yield
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        Browser(port).get("/")
    except (OSError, RuntimeError):
        return False
    return True


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise RuntimeError("an answer lacks what the next step needs")
    return unescape(found.group(1)).strip()


def _ratio(load: Load, baseline: Load) -> float:
    return load.per_second / baseline.per_second
