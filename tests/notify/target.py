"""A push target on the loopback: where Apprise's json:// posts to, told what to answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Target:
    """``came``: what was posted, and where. ``status``: how it is answered."""

    came: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    status: int = 200
    port: int = 0

    def address(self, token: str) -> str:
        """As Apprise writes it."""
        return f"json://127.0.0.1:{self.port}/{token}"


@contextmanager
def serving() -> Iterator[Target]:
    target = Target()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target.came.append((self.path, json.loads(body)))
            self.send_response(target.status)
            self.send_header("Location", f"http://127.0.0.1:{target.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    target.port = server.server_address[1]
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield target
    finally:
        server.shutdown()
        server.server_close()
