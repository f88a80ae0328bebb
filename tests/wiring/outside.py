"""Somebody outside who is told of alarms and hears heartbeats."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address, and the bodies of what is posted there."""
    heard: list[bytes] = []

    class Hear(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Nothing to standard error."""

    with http.server.HTTPServer(("127.0.0.1", 0), Hear) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", heard
        server.shutdown()
        thread.join(5)
