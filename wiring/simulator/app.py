"""The simulator as one web application, bound to this machine only."""

from collections.abc import Callable

from flask import Flask

from wiring.simulator.air import Air
from wiring.simulator.api import api
from wiring.simulator.phones import phones
from wiring.simulator.settings import SimulatorSettings
from wiring.simulator.store import Store


def simulator_app(settings: SimulatorSettings, on_call: Callable[[], frozenset[str]] = frozenset) -> Flask:
    """Opens its own store and takes up what a restart interrupted. ``on_call``: numbers on call now."""
    app = Flask("tipline.simulator", static_folder=None)
    store = Store(settings.database)
    air = Air(settings, store)
    air.resume()
    app.register_blueprint(api(settings, store, air))
    app.register_blueprint(phones(settings, store, air, on_call))
    return app
