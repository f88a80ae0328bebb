"""The door for whoever monitors a process: metrics, liveness, readiness, on this machine's loopback alone.

Most installs have none: the web framework behind it is loaded only where it opens.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector

from wiring.config import Config
from wiring.lifeline import Lifeline

if TYPE_CHECKING:
    from flask import Flask

# The place of each process after monitoring.port; workers, of which there are many, take the first free one.
PLACES = {"public": (0,), "staff": (1,), "pager": (2,), "watchman": (3,), "worker": tuple(range(4, 20))}


def new_registry() -> CollectorRegistry:
    """One of this process's own, with its memory, processor time and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


@dataclass(frozen=True)
class Door:
    """``alive`` asks nothing but this process; ``ready`` may ask the database, and so may ``notes``.

    ``notes``: lines that /readyz shows besides, whatever it answers.
    """

    alive: Callable[[], bool]
    ready: Callable[[], bool]
    registry: CollectorRegistry = field(default_factory=new_registry)
    notes: Callable[[], Iterable[str]] = tuple

    def app(self) -> "Flask":
        from wiring.monitoring_web import app_of  # noqa: PLC0415 - see the head of this module

        return app_of(self.alive, self.ready, self.registry, self.notes)


def open_door(config: Config, process: str, door: Door, life: Lifeline) -> None:
    """Serve it in a thread, if ``monitoring.port`` is set, until ``life`` ends. Its failure stops nobody."""
    base = config.settings.monitoring.port
    if not base:
        return

    def serve() -> None:
        from wiring.monitoring_web import serve_at  # noqa: PLC0415 - see the head of this module

        serve_at([base + place for place in PLACES[process]], door.app(), life.stop)

    threading.Thread(target=serve, name="monitoring", daemon=True).start()
