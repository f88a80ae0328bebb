"""A real HTTP server for an app, on a free port of this machine."""

import threading

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server


def serve(app: Flask) -> BaseWSGIServer:
    """Serves in a thread until ``shutdown``."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def address(server: BaseWSGIServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"
