"""The pager process: delivery, escalation, deadlines. Of keys it holds the line's; none opens a message."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from prometheus_client import Histogram

from notify.asking import Asker
from notify.breaker import Breaker
from notify.channels import SENDERS
from notify.deliver import Desk, deliver
from notify.emptying import Emptier
from notify.hands import Hands, ThreadHands
from notify.inbound import Poller
from notify.relay import Relay
from notify.vitals import PAGER
from notify.wake import Waker
from vault.keyed import LineKey, open_from_line, seal_to_line
from wiring import ways_out
from wiring.alarm import LoudAlarm
from wiring.auditing import make_auditor
from wiring.chores import Chores
from wiring.config import Config
from wiring.ground import Ground, lay
from wiring.impairment import Impairment
from wiring.lasting import keep_at
from wiring.lifeline import Lifeline
from wiring.metrics import Rows, sweep_seconds
from wiring.monitoring import Door, open_door
from wiring.purging import Purging
from wiring.rereading import make_rereader
from wiring.reserve import Reserve
from wiring.secrets import Secrets
from wiring.self_testing import SelfTesting
from wiring.tested import last_tests
from wiring.vitals import Vitals
from wiring.wake import listener_for


def run(config: Config, life: Lifeline) -> None:
    """Deliver until told to stop; then claim no more and finish what is being sent."""
    ground = lay(config)
    desk, line = make_desk(ground)
    listener, waker = listener_for(config)
    door = make_door(ground, life)
    relay = BeatingRelay(
        database=ground.database,
        clock=ground.clock,
        hands=make_hands(config, desk, waker),
        settings=config.settings.paging,
        listener=listener,
        breaker=desk.breaker,
        alarm=desk.alarm,
        beat=partial(_beat, life, Vitals(ground.database, ground.clock, PAGER)),
        sweeps=sweep_seconds(door.registry),
    )
    open_door(config, PAGER, door, life)
    threading.Thread(target=_wake_at_the_end, args=(waker, life.stop), name="stopper", daemon=True).start()
    for name, work in make_threads(ground, desk, line).items():
        again = (name, work, life.stop, desk.alarm)
        threading.Thread(target=keep_at, args=again, name=name, daemon=True).start()
    relay.run(life.stop)
    listener.close()


def make_threads(
    ground: Ground, desk: Desk, line: LineKey
) -> Mapping[str, Callable[[threading.Event], None]]:
    """What goes on beside the relay, by the name that its alarm has."""
    seal = partial(seal_to_line, line.public)
    tests = SelfTesting(ground, seal, desk.alarm)
    others = tests.begin_due, tests.end_those_over
    return {
        "poller": make_poller(ground, desk, seal).run,
        "asker": Asker(ground.database, ground.clock, desk.outlets, ground.waker, desk.alarm).run,
        "emptier": Emptier(ground.database, ground.clock, desk.outlets, desk.alarm).run,
        "chores": Chores(ground, seal, partial(open_from_line, line), others=others).run,
        "audit": make_auditor(ground, desk.alarm).run,
        "rereader": make_rereader(ground, desk.alarm).run,
        "purging": Purging(ground.database, ground.clock).run,
    } | ({"reserve": Reserve(ground.disk, desk.alarm).run} if ground.disk else {})


@dataclass
class BeatingRelay(Relay):
    """A relay whose sweeps are its heartbeat: one that no longer gets through to the rows is replaced."""

    beat: Callable[[], None] = field(kw_only=True)
    sweeps: Histogram = field(kw_only=True)

    def sweep_once(self) -> None:
        with self.sweeps.time():
            super().sweep_once()
        self.beat()


def _beat(life: Lifeline, vitals: Vitals) -> None:
    life.beat()
    vitals.beat()


def make_door(ground: Ground, life: Lifeline) -> Door:
    """Of a process that delivers: it is ready while pages leave, whoever sends them."""
    impaired = Impairment(ground.database, ground.clock, ground.config.settings.paging)
    door = Door(life.beats, lambda: not impaired(), notes=partial(_tests, ground))
    door.registry.register(Rows(ground.database, ground.clock))
    return door


def _tests(ground: Ground) -> list[str]:
    """The last weekly test of each school: that one failed makes nobody unready. No name: see the status."""
    with ground.database.reading() as session:
        found = last_tests(session, ground.clock.now(session), ground.config.settings.schools)
    return [one.line for one in found]


def make_desk(ground: Ground) -> tuple[Desk, LineKey]:
    """What deliveries work with, and the line key."""
    config, secrets = ground.config, Secrets(ground.config.folder, "pager")
    line = LineKey.from_seeds(*secrets.keys("line-private"))
    outlets = ways_out.outlets_of(config, secrets)
    desk = Desk(
        database=ground.database,
        clock=ground.clock,
        channels=ways_out.channels_of(config, secrets, outlets),
        outlets=outlets,
        open_sealed=partial(open_from_line, line),
        links=ways_out.links_of(config),
        settings=config.settings.paging,
        breaker=Breaker(),
        waker=ground.waker,
        alarm=LoudAlarm(config.settings.alarm.post_to),
    )
    return desk, line


def make_hands(config: Config, desk: Desk, waker: Waker) -> Hands:
    """Threads of this process; before them a queue to workers elsewhere, if there is one."""
    paging = config.settings.paging
    threads = ThreadHands(paging.workers, partial(deliver, desk), waker)
    queue = config.settings.queue.url
    if not queue:
        return threads
    from notify.rq_hands import RqHands  # noqa: PLC0415 - Redis, where there is one

    return RqHands(queue, threads, waker, paging.hint_s)


def make_poller(ground: Ground, desk: Desk, seal: Callable[[str, bytes], bytes]) -> Poller:
    """Who asks the carrier for answers that no webhook brought."""
    return Poller(
        database=ground.database,
        clock=ground.clock,
        outlets={sender: desk.outlets[sender] for sender in SENDERS if sender in desk.outlets},
        directory=ground.directory.current,
        seal=seal,
        secret=Secrets(ground.config.folder, "pager").key("responder-number-key"),
        settings=ground.config.settings.paging,
        waker=ground.waker,
        alarm=desk.alarm,
    )


def _wake_at_the_end(waker: Waker, stop: threading.Event) -> None:
    stop.wait()
    waker.wake()
