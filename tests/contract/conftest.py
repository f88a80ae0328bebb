"""The provider's description and a mock that serves it, where they are to be had; somebody who listens in.

The description lies in a folder ``shared`` beside the checkout (or where TIPLINE_CARRIER_API says) and is not
part of Tipline. ``make mock`` installs the mock.
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
import requests
from flask import Flask, Response, request
from werkzeug.datastructures import MultiDict

from tests.contract.description import Description
from tests.serving import address, serve
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
PRISM = ROOT / ".venv" / "prism" / "node_modules" / ".bin" / "prism"
START_S = 60


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they went over the wire. ``answer`` is JSON, or None."""

    method: str
    path: str
    fields: MultiDict[str, str]
    status: int
    answer: object


@dataclass
class Listener:
    """Hands everything on to ``base``, and remembers it."""

    base: str
    without: frozenset[str] = frozenset()
    heard: list[Exchange] = field(default_factory=list)
    address: str = ""

    def hand_on(self) -> Response:
        fields = request.form if request.method == "POST" else request.args
        passed = [(name, value) for name, value in fields.items(multi=True) if name not in self.without]
        found = requests.request(
            request.method,
            self.base + request.path,
            params=None if request.method == "POST" else passed,
            data=passed if request.method == "POST" else None,
            headers={"Authorization": request.headers["Authorization"]},
            timeout=10,
        )
        answer = found.json() if found.content else None
        if isinstance(answer, dict) and "next_page_uri" in answer:
            answer["next_page_uri"] = None  # the mock's lists have no end
        self.heard.append(
            Exchange(request.method, unquote(request.path), MultiDict(fields), found.status_code, answer)
        )
        content = b"" if answer is None else json.dumps(answer)
        return Response(content, found.status_code, mimetype="application/json")


Listening = Callable[..., AbstractContextManager[Listener]]


@contextmanager
def listening(base: str, without: frozenset[str] = frozenset()) -> Iterator[Listener]:
    """``without``: fields that are not handed on."""
    listener = Listener(base, without)
    app = Flask("listener")
    app.before_request(listener.hand_on)
    server = serve(app)
    listener.address = address(server)
    yield listener
    server.shutdown()
    server.server_close()


def description_path() -> Path:
    default = ROOT.parent / "shared" / "twilio" / "twilio_api_v2010.json"
    path = Path(os.environ.get("TIPLINE_CARRIER_API") or default)
    if not path.is_file():
        pytest.skip(f"the provider's description is not here: {path}")
    return path


@pytest.fixture(scope="session")
def description() -> Description:
    return Description.load(description_path())


@pytest.fixture(scope="session")
def prism() -> Iterator[str]:
    """Address of the mock."""
    path, node = description_path(), shutil.which("node")
    if node is None or not PRISM.exists():
        missing = "the mock is not installed; it needs node and npm: make mock"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
    command = [node, str(PRISM), "mock", "-h", "127.0.0.1", "-p", port, str(path)]
    base = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: _answers(base), START_S)
        yield base
        process.terminate()


def _answers(base: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(base, timeout=5).status_code > 0
    return False
