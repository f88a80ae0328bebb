"""A carrier that no kill reaches: it takes texts and calls slowly and remembers when, and of which attempt.

It lives in the test's own process, so what it took is known whatever became of the install.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DELAY_S = 0.02
# A list of messages trails behind what was accepted.
LISTED_AFTER_MS = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A text (or a call, whose ``text`` is empty) that the carrier took from ``host`` at ``at_ms`` (UTC)."""

    at_ms: int
    to: str
    text: str
    attempt: str
    sid: str
    sender: str
    host: str


class SlowCarrier:
    """Serves the provider's API on a free port. ``meanwhile`` happens between a send and its answer.

    If that raises an OSError, the connection ends there: taken, and never answered.
    """

    def __init__(self, delay_s: float = DELAY_S, host: str = "127.0.0.1") -> None:
        self.delay_s = delay_s
        self.meanwhile: Callable[[Taken], None] | None = None
        self._taken: list[Taken] = []
        self._lock = threading.Lock()
        self._server = _Server((host, 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://{self._server.server_address[0]!s}:{self._server.server_port}"

    @property
    def taken(self) -> tuple[Taken, ...]:
        """Everything so far, in the order in which it came."""
        with self._lock:
            return tuple(self._taken)

    def listed(self, sender: str, to: str) -> list[Taken]:
        """Texts from one number to another, newest first, as far as the list has come."""
        until = time.time_ns() // 1_000_000 - LISTED_AFTER_MS
        ways = (one for one in reversed(self.taken) if (one.sender, one.to) == (sender, to))
        return [one for one in ways if one.text and one.at_ms <= until]

    def take(self, fields: dict[str, str], host: str) -> str:
        """Accept it, which takes its time; its id."""
        attempt = fields.get("StatusCallback", "").rpartition("/")[2]
        sid = f"SM{secrets.token_hex(16)}"
        sender, to = fields.get("From", ""), fields.get("To", "")
        one = Taken(time.time_ns() // 1_000_000, to, fields.get("Body", ""), attempt, sid, sender, host)
        with self._lock:
            self._taken.append(one)
            happens = self.meanwhile
        if happens:
            happens(one)
        time.sleep(self.delay_s)
        return sid

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
            if self.path.endswith(("/Messages.json", "/Calls.json")):
                sid = carrier.take(_fields(raw), self.client_address[0])
                self._answer(201, {"sid": sid, "status": "queued"})
            else:  # a text that is to be emptied
                self._answer(200, {"sid": self.path.rpartition("/")[2][:34], "body": ""})

        def do_GET(self) -> None:
            asked = _fields(urlsplit(self.path).query)
            found = carrier.listed(asked.get("From", ""), asked.get("To", ""))
            messages = [_json(one) for one in found[: int(asked.get("PageSize", "50"))]]
            self._answer(200, {"messages": messages, "next_page_uri": None, "page": 0, "page_size": 50})

        def do_DELETE(self) -> None:
            self.send_response(204)
            self.end_headers()

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


def _fields(encoded: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(encoded).items()}


def _json(one: Taken) -> dict[str, object]:
    at = format_datetime(datetime.fromtimestamp(one.at_ms / 1000, UTC))
    facts: dict[str, object] = {
        "sid": one.sid,
        "from": one.sender,
        "to": one.to,
        "body": one.text,
        "status": "sent",
    }
    return facts | {"direction": "outbound-api", "date_created": at, "date_sent": at}
