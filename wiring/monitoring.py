"""The door for whoever monitors a process: metrics, liveness, readiness, on this machine's loopback alone.

No proxy leads here: it answers only to a loopback host name and to nothing that was forwarded.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from wiring import http
from wiring.config import Config
from wiring.lifeline import Lifeline

HOST = "127.0.0.1"
NAMES = frozenset({HOST, "localhost"})
# The place of each process after monitoring.port; workers, of which there are many, take the first free one.
PLACES = {"public": (0,), "staff": (1,), "pager": (2,), "watchman": (3,), "worker": tuple(range(4, 20))}
THREADS = 2

log = logging.getLogger("wiring.monitoring")


def new_registry() -> CollectorRegistry:
    """One of this process's own, with its memory, processor time and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


@dataclass(frozen=True)
class Door:
    """``alive`` asks nothing but this process; ``ready`` may ask the database."""

    alive: Callable[[], bool]
    ready: Callable[[], bool]
    registry: CollectorRegistry = field(default_factory=new_registry)

    def app(self) -> Flask:
        app = Flask("monitoring", static_folder=None, template_folder=None)
        app.before_request(_refuse_strangers)
        app.add_url_rule("/metrics", "metrics", self._metrics)
        app.add_url_rule("/healthz", "healthz", lambda: _said(self.alive(), "ok", "no sign of life"))
        app.add_url_rule("/readyz", "readyz", lambda: _said(self._is_ready(), "ready", "not ready"))
        return app

    def _metrics(self) -> Response:
        return Response(generate_latest(self.registry), content_type=CONTENT_TYPE_LATEST)

    def _is_ready(self) -> bool:
        try:
            return self.ready()
        except SQLAlchemyError:
            return False


def open_door(config: Config, process: str, door: Door, life: Lifeline) -> None:
    """Serve it in a thread, if ``monitoring.port`` is set, until ``life`` ends. Its failure stops nobody."""
    base = config.settings.monitoring.port
    if not base:
        return

    def serve() -> None:
        free = (base + place for place in PLACES[process] if not http.is_taken(HOST, base + place))
        try:
            http.serve(door.app(), HOST, next(free), threads=THREADS, stop=life.stop)
        except (OSError, StopIteration):
            log.error("no port for monitoring")  # noqa: TRY400 - the place in our code is known

    threading.Thread(target=serve, name="monitoring", daemon=True).start()


def _refuse_strangers() -> Response | None:
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if forwarded or request.host.partition(":")[0] not in NAMES:
        return Response("not here\n", 421, mimetype="text/plain")
    return None


def _said(well: bool, yes: str, no: str) -> Response:
    return Response(f"{yes if well else no}\n", 200 if well else 503, mimetype="text/plain")
