"""A provider that only notes when each API call arrives; the real client talks to it."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CREATED = 201


class Arrivals:
    """Serves on a free port of this machine; ``at`` maps a word of a body to its arrival (monotonic ns)."""

    def __init__(self, delay_s: float = 0) -> None:
        self.at: dict[str, int] = {}
        self.count = 0
        self.delay_s = delay_s
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def note(self, body: str, when: int) -> None:
        with self._lock:
            self.count += 1
            for word in body.replace(".", " ").split():
                self.at.setdefault(word, when)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _handler(arrivals: Arrivals) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def do_POST(self) -> None:
            when = time.monotonic_ns()
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: values[0] for name, values in parse_qs(raw).items()}
            arrivals.note(fields.get("Body") or fields.get("Twiml", ""), when)
            if arrivals.delay_s:
                time.sleep(arrivals.delay_s)
            self._answer(CREATED, {"sid": f"SM{time.monotonic_ns():032x}", "status": "queued"} | fields)

        def do_GET(self) -> None:
            self._answer(200, {"messages": [], "next_page_uri": None, "page": 0, "page_size": 50})

        def log_message(self, *_: object) -> None:
            """Silence: the measurement is the output."""

        def _answer(self, status: int, fields: dict[str, Any]) -> None:
            body = json.dumps(fields).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
