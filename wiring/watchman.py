"""The watchman's process: his own connection and plain SQL, and an alarm that is not the outbox."""

from notify.watchman import ROUND_S, Watchman
from vault import migrate
from vault.clock import clock_for
from vault.database import Database
from wiring.alarm import LoudAlarm
from wiring.config import Config
from wiring.lifeline import Lifeline


def run(config: Config, life: Lifeline) -> None:
    """Look every second until told to stop; each look is a heartbeat, whatever it found."""
    database = Database(config.database_url, pool_size=1)
    migrate.require_head(database)
    watchman = Watchman(database, clock_for(database), LoudAlarm(config.settings.alarm.post_to))
    while not life.stop.wait(ROUND_S):
        watchman.look()
        life.beat()
