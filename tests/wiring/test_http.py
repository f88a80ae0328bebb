"""The web server: answers, keeps bodies in memory, and lets what has begun finish."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO

import pytest
from flask import Flask, Response, request

from tests.waiting import eventually
from wiring import pulse
from wiring.http import serve


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: Flask) -> Iterator[tuple[int, threading.Event, threading.Thread]]:
    port, stop = free_port(), threading.Event()
    thread = threading.Thread(
        target=serve, args=(app, "127.0.0.1", port), kwargs={"threads": 2, "stop": stop}
    )
    thread.start()
    eventually(lambda: _listens(port))
    try:
        yield port, stop, thread
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, method: str = "GET", body: bytes = b"") -> tuple[int, bytes, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, "/healthz", body)
    answer = connection.getresponse()
    found = answer.status, answer.read(), answer.getheader("Server")
    connection.close()
    return found


@contextmanager
def reading(port: int) -> Iterator[http.client.HTTPResponse]:
    """An answer of which the head has been read."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/healthz")
        yield connection.getresponse()


def pieces(count: int) -> Iterator[bytes]:
    """``count`` different megabytes."""
    for number in range(count):
        yield bytes((number,)) * 1_000_000


def long_answer(count: int, made: threading.Event) -> Flask:
    """An application that answers ``count`` megabytes and then sets ``made``."""
    app = Flask("long")

    def answer() -> Iterator[bytes]:
        yield from pieces(count)
        made.set()

    app.add_url_rule("/healthz", "answer", lambda: Response(answer()))
    return app


@pytest.fixture
def app() -> Flask:
    made = Flask("test")
    made.add_url_rule("/healthz", "healthz", lambda: str(len(request.get_data())), methods=["GET", "POST"])
    return made


def test_it_answers_without_naming_itself(app: Flask) -> None:
    with serving(app) as (port, _, _):
        assert ask(port) == (200, b"0", None)


def test_a_large_body_is_held_in_memory_not_in_a_file() -> None:
    app = Flask("large")
    kinds: list[object] = []

    def take() -> str:
        kinds.append(type(request.environ["wsgi.input"]))
        return str(len(request.get_data()))

    app.add_url_rule("/healthz", "take", take, methods=["POST"])
    with serving(app) as (port, _, _):
        assert ask(port, "POST", b"x" * 3_000_000)[1] == b"3000000"
    assert kinds == [BytesIO]


def test_a_request_under_way_is_answered_after_the_stop() -> None:
    began, go_on = threading.Event(), threading.Event()
    app = Flask("slow")

    def slow() -> str:
        began.set()
        go_on.wait(10)
        return "done"

    app.add_url_rule("/healthz", "slow", slow)
    answers: list[tuple[int, bytes, str | None]] = []
    with serving(app) as (port, stop, thread):
        asking = threading.Thread(target=lambda: answers.append(ask(port)))
        asking.start()
        assert began.wait(10)
        stop.set()
        eventually(lambda: not _listens(port))
        assert thread.is_alive()
        go_on.set()
        asking.join(10)
    assert answers == [(200, b"done", None)]


def test_a_long_answer_waits_for_a_reader_who_comes_late() -> None:
    made = threading.Event()
    with serving(long_answer(5, made)) as (port, _, _), reading(port) as found:
        assert made.wait(10)
        assert found.read() == b"".join(pieces(5))


def test_an_answer_longer_than_may_be_kept_is_made_while_it_is_read() -> None:
    made = threading.Event()
    with serving(long_answer(40, made)) as (port, _, _), reading(port) as found:
        assert not made.is_set()
        assert found.read() == b"".join(pieces(40))
        assert made.is_set()


def test_the_pulse_beats_while_it_answers(app: Flask) -> None:
    beats: list[int] = []
    stop = threading.Event()
    with serving(app) as (port, _, _):
        watching = pulse.watch_self(("127.0.0.1", port), lambda: beats.append(1), stop)
        eventually(lambda: len(beats) >= 1)
        stop.set()
        watching.join(10)
    assert not pulse.answers(("127.0.0.1", port))
