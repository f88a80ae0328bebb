"""Concurrent clients that walk one journey after another, and what their times come to."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

CLIENTS = 8
OK = 200


@dataclass(frozen=True, slots=True)
class Load:
    """What a run came to: journeys a second, and each journey's milliseconds."""

    per_second: float
    journeys_ms: list[float]


class Browser:
    """One kept connection to a server of this machine; anything but 200 ends the run."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._connection.connect()

    def get(self, path: str) -> str:
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> str:
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status != OK:
            raise RuntimeError(f"{method} {path} answered {answer.status}")
        return text


def run(port: int, journey: Callable[[Browser], None], count: int) -> Load:
    """``count`` journeys by eight clients at once. An error of any client is raised here."""
    times: list[float] = []
    errors: list[BaseException] = []
    turns = iter(range(count))
    began = time.perf_counter()
    clients = [
        threading.Thread(target=_walk, args=(port, journey, turns, times, errors)) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if errors:
        raise errors[0]
    return Load(count / (time.perf_counter() - began), times)


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: list[float]) -> float:
    return statistics.median(values)


def _walk(
    port: int,
    journey: Callable[[Browser], None],
    turns: Iterator[int],
    times: list[float],
    errors: list[BaseException],
) -> None:
    try:
        browser = Browser(port)
        for _ in turns:
            began = time.perf_counter()
            journey(browser)
            times.append((time.perf_counter() - began) * 1000)
    except Exception as error:  # noqa: BLE001 - handed to the caller, who raises it
        errors.append(error)
