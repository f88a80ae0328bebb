"""A carrier that no kill reaches: it takes texts and calls slowly and remembers when, and of which attempt.

It lives in the test's own process, so what it took is known whatever became of the install.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

DELAY_S = 0.02


@dataclass(frozen=True, slots=True)
class Taken:
    """A text (or a call, whose ``text`` is empty) that the carrier accepted at ``at_ms`` (UTC)."""

    at_ms: int
    to: str
    text: str
    attempt: str


class SlowCarrier:
    """Serves the provider's API on a free port. ``meanwhile`` happens between a send and its answer."""

    def __init__(self, delay_s: float = DELAY_S) -> None:
        self.delay_s = delay_s
        self.meanwhile: Callable[[Taken], None] | None = None
        self._taken: list[Taken] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def taken(self) -> tuple[Taken, ...]:
        """Everything so far, in the order in which it came."""
        with self._lock:
            return tuple(self._taken)

    def take(self, fields: dict[str, str]) -> None:
        attempt = fields.get("StatusCallback", "").rpartition("/")[2]
        one = Taken(time.time_ns() // 1_000_000, fields.get("To", ""), fields.get("Body", ""), attempt)
        with self._lock:
            self._taken.append(one)
            happens = self.meanwhile
        if happens:
            happens(one)
        time.sleep(self.delay_s)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A client that was killed is what this is for."""


def _handler(carrier: SlowCarrier) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            carrier.take({name: values[0] for name, values in parse_qs(raw).items()})
            self._answer(201, {"sid": f"SM{time.monotonic_ns():032x}", "status": "queued"})

        def do_GET(self) -> None:
            self._answer(200, {"messages": [], "next_page_uri": None, "page": 0, "page_size": 50})

        def log_message(self, *_: object) -> None:
            """Silence: numbers of phones are in the addresses."""

        def _answer(self, status: int, fields: dict[str, object]) -> None:
            body = json.dumps(fields).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
