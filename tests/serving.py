"""A real HTTP server for an app, on a free port of this machine."""

import ssl
import threading

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server


def serve(app: Flask, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> BaseWSGIServer:
    """Serves in a thread until ``shutdown``."""
    server = make_server(host, 0, app, threaded=True, ssl_context=tls)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def address(server: BaseWSGIServer) -> str:
    return f"{'https' if server.ssl_context else 'http'}://{server.host}:{server.server_port}"
