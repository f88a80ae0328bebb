"""The one place that knows which WSGI server we use: a function, so that others can be measured too."""

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

DRAIN_S = 3.0
LOOK_S = 0.25
CONNECTIONS = 1000
IDLE_S = 30
# More than any body that is accepted: what a reporter sends may never spill into a temporary file.
MEMORY = 64 * 1024 * 1024


def serve(
    app: "WSGIApplication",
    host: str,
    port: int,
    *,
    threads: int = 8,
    scheme: str = "http",
    stop: threading.Event | None = None,
) -> None:
    """Answer requests on ``host`` and ``port`` until ``stop`` is set, then finish those under way.

    ``scheme`` is the one that browsers see: a proxy in front may end TLS.
    """
    stop = stop or threading.Event()
    sockets: dict[int, Any] = {}  # waitress's handlers; its type stubs call them sockets
    server = create_server(
        app,
        map=sockets,
        listen=f"{host}:{port}",
        threads=threads,
        url_scheme=scheme,
        ident="",
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_S,
        inbuf_overflow=MEMORY,
        outbuf_overflow=MEMORY,
        max_request_body_size=MEMORY - 1,
    )
    if not isinstance(server, BaseWSGIServer):
        raise TypeError("one address makes one server")
    server.channel_class = _Channel
    while not stop.is_set():
        wasyncore.loop(timeout=LOOK_S, use_poll=True, map=sockets, count=1)
    _drain(server, sockets)


def is_taken(host: str, port: int) -> bool:
    """Whether somebody listens at ``host`` and ``port`` already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # What a just stopped server left in TIME_WAIT does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


class _Channel(HTTPChannel):
    """A connection that its request's own thread writes to, without the main loop's help.

    Between a thread's send and its next turn waitress's loop finds what is sent already still to be sent, and
    the socket ready for it, and so never rests: a third of the time that a report took. It helps only where
    the thread waits for it: when so much is unsent that no more may be kept.
    """

    def writable(self) -> bool:
        if self.requests and self.total_outbufs_len <= self.adj.outbuf_high_watermark:
            return bool(self.will_close or self.close_when_flushed)
        return bool(super().writable())


def _drain(server: BaseWSGIServer, sockets: dict[int, Any]) -> None:
    wasyncore.dispatcher.close(server)
    until = time.monotonic() + DRAIN_S
    while any(map(_is_busy, sockets.values())) and time.monotonic() < until:
        wasyncore.loop(timeout=LOOK_S, use_poll=True, map=sockets, count=1)
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(sockets)


def _is_busy(handler: object) -> bool:
    return isinstance(handler, HTTPChannel) and bool(handler.requests or handler.total_outbufs_len)
