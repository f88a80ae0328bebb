"""A worker process: deliveries that the pager points at through Redis. It holds what the pager holds."""

import threading
from functools import partial

from notify import jobs, rq_worker
from notify.deliver import deliver
from wiring.config import Config
from wiring.errors import ConfigError
from wiring.ground import lay
from wiring.lifeline import Lifeline
from wiring.monitoring import open_door
from wiring.pager import make_desk, make_door
from wiring.vitals import Vitals

BEAT_S = 1.0


def run(config: Config, life: Lifeline) -> None:
    """Deliver until told to stop; then take nothing more and finish what is being sent."""
    queue = config.settings.queue
    if not queue.url:
        raise ConfigError(
            config.path, "queue.url", "empty", "the pager delivers by itself: no worker is needed"
        )
    ground = lay(config)
    desk, _ = make_desk(ground)
    crew = jobs.Crew(config.settings.paging.workers, partial(deliver, desk))
    jobs.work_with(crew)
    threading.Thread(
        target=_beat,
        args=(crew, life, Vitals(ground.database, ground.clock, "worker")),
        name="beat",
        daemon=True,
    ).start()
    open_door(config, "worker", make_door(ground, life), life)
    rq_worker.work(queue.url, life.stop)
    crew.close()
    ground.close()


def _beat(crew: jobs.Crew, life: Lifeline, vitals: Vitals) -> None:
    """A pulse while deliveries move. An absent Redis is no reason to be replaced."""
    while not life.stop.wait(BEAT_S):
        if crew.moves():
            life.beat()
            vitals.beat()
