"""What answers at the door for monitoring: only a loopback host name, and nothing that was forwarded."""

import logging
import threading
from collections.abc import Callable, Iterable

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from wiring import http

HOST = "127.0.0.1"
NAMES = frozenset({HOST, "localhost"})
THREADS = 2

log = logging.getLogger("wiring.monitoring")


def app_of(
    alive: Callable[[], bool],
    ready: Callable[[], bool],
    registry: CollectorRegistry,
    notes: Callable[[], Iterable[str]] = tuple,
) -> Flask:
    """/metrics, /healthz and /readyz."""

    def is_ready() -> bool:
        try:
            return ready()
        except SQLAlchemyError:
            return False

    def noted() -> list[str]:
        try:
            return list(notes())
        except SQLAlchemyError:
            return []

    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app = Flask("monitoring", static_folder=None, template_folder=None)
    app.before_request(_refuse_strangers)
    app.add_url_rule("/metrics", "metrics", metrics)
    app.add_url_rule("/healthz", "healthz", lambda: _said(alive(), "ok", "no sign of life"))
    app.add_url_rule("/readyz", "readyz", lambda: _said(is_ready(), "ready", "not ready", noted()))
    return app


def serve_at(ports: Iterable[int], app: Flask, stop: threading.Event) -> None:
    """On the first of ``ports`` that is free, until ``stop``. Never fails."""
    free = (port for port in ports if not http.is_taken(HOST, port))
    try:
        http.serve(app, HOST, next(free), threads=THREADS, stop=stop)
    except (OSError, StopIteration):
        log.error("no port for monitoring")  # noqa: TRY400 - the place in our code is known


def _refuse_strangers() -> Response | None:
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if forwarded or request.host.partition(":")[0] not in NAMES:
        return Response("not here\n", 421, mimetype="text/plain")
    return None


def _said(well: bool, yes: str, no: str, notes: Iterable[str] = ()) -> Response:
    lines = [yes if well else no, *notes]
    return Response("\n".join([*lines, ""]), 200 if well else 503, mimetype="text/plain")
