"""The watchman's process: his own connection and plain SQL, and an alarm that is not the outbox."""

from notify.vitals import WATCHMAN, WELL
from notify.watchman import ROUND_S, Watchman
from vault import schema
from vault.clock import clock_for
from vault.database import Database
from wiring.alarm import LoudAlarm
from wiring.config import Config
from wiring.heartbeat import Heartbeat
from wiring.lifeline import Lifeline
from wiring.monitoring import Door, open_door
from wiring.vitals import Vitals


def run(config: Config, life: Lifeline) -> None:
    """Look every second until told to stop; each look is a sign of life, whatever it found."""
    database = Database(config.database_url, pool_size=1)
    schema.require_head(database)
    clock, alarm = clock_for(database), config.settings.alarm
    watchman = Watchman(database, clock, LoudAlarm(alarm.post_to), config.settings.paging)
    seen: list[str] = []
    open_door(config, WATCHMAN, Door(life.beats, lambda: not seen), life)
    vitals, heartbeat = Vitals(database, clock, WATCHMAN), Heartbeat(alarm.heartbeat_to)
    while not life.stop.wait(ROUND_S):
        found = watchman.look()
        seen[:] = found
        life.beat()
        if not found:
            heartbeat.beat()
        if "database_unreachable" not in found:
            vitals.beat(found[0] if found else WELL)
