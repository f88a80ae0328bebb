"""What is measured, for Prometheus: numbers about the machine's work, never about who wrote or was called.

Labels are words from this file and from tables of ours (urgency, channel, state): no school, person or case.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notify import drills, states
from notify.channels.faults import fault_of
from notify.escalation import RANKS
from notify.tables import Attempt, Page, Pulse
from notify.vitals import WATCHMAN, WELL
from vault.clock import Clock
from vault.database import Database
from vault.drill_tables import Drill

HOUR_MS = 3_600_000
PROCESSES = ("public", "staff", "pager", "worker", WATCHMAN)
CHANNELS = ("sms", "voice", "email", "push")
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)


def sweep_seconds(registry: CollectorRegistry) -> Histogram:
    return Histogram(
        "tipline_sweep_seconds", "One look at all deadlines.", buckets=BUCKETS, registry=registry
    )


def intake_seconds(registry: CollectorRegistry) -> Histogram:
    """Its count is the number of messages, by ``outcome``: stored or failed."""
    what = "From a message's arrival to its commit."
    return Histogram("tipline_intake_seconds", what, ("outcome",), buckets=BUCKETS, registry=registry)


class Rows(Collector):
    """What the rows say, asked on each scrape; with the database away only ``tipline_database_up`` 0."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: registering must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found: list[GaugeMetricFamily] = []
        try:
            with self._database.reading() as session:
                now = self._clock.now(session)
                found = [
                    *_waiting(session, now),
                    _open(session),
                    _sends(session, now),
                    *_vitals(session, now),
                    *_tests(session, now),
                ]
        except SQLAlchemyError:
            found = []
        yield GaugeMetricFamily("tipline_database_up", "1 while the database answers.", value=bool(found))
        yield from found


def _waiting(session: Session, now: int) -> Iterator[GaugeMetricFamily]:
    due = (Attempt.state == "due") & (Attempt.due_at <= now)
    count, oldest = session.execute(select(func.count(), func.min(Attempt.due_at)).where(due)).one()
    yield GaugeMetricFamily("tipline_due_attempts", "Deliveries that should leave now.", value=count)
    age = (now - oldest) / 1000 if oldest is not None else 0
    yield GaugeMetricFamily("tipline_oldest_due_seconds", "Age of the oldest of these.", value=age)


def _open(session: Session) -> GaugeMetricFamily:
    waits = (Page.state == "open") & Page.kind.not_in(drills.KINDS)
    counts = select(Page.urgency, func.count()).where(waits).group_by(Page.urgency)
    found = {row[0]: row[1] for row in session.execute(counts)}
    shown = GaugeMetricFamily("tipline_open_pages", "Pages nobody has taken.", labels=["urgency"])
    for urgency in RANKS:
        shown.add_metric([urgency], found.get(urgency, 0))
    return shown


def _sends(session: Session, now: int) -> GaugeMetricFamily:
    """Attempts of the last hour by channel, where they stand, and the class of their last error."""
    recent = Attempt.due_at.between(now - HOUR_MS, now + HOUR_MS) & Attempt.state.in_(states.ATTEMPT)
    what = (Attempt.channel, Attempt.state, Attempt.error_code)
    totals: Counter[tuple[str, str, str]] = Counter()
    for channel, state, code, count in session.execute(
        select(*what, func.count()).where(recent).group_by(*what)
    ):
        totals[channel if channel in CHANNELS else "other", state, error_class(code)] += count
    shown = GaugeMetricFamily(
        "tipline_sends_last_hour", "Deliveries of the last hour.", labels=["channel", "state", "error"]
    )
    for labels, total in totals.items():
        shown.add_metric(labels, total)
    return shown


def _vitals(session: Session, now: int) -> Iterator[GaugeMetricFamily]:
    pulses = {row.process: row for row in session.scalars(select(Pulse))}
    ages = GaugeMetricFamily("tipline_pulse_age_seconds", "Since a process worked.", labels=["process"])
    for process in PROCESSES:
        if process in pulses:
            ages.add_metric([process], (now - pulses[process].at) / 1000)
    yield ages
    satisfied = WATCHMAN in pulses and pulses[WATCHMAN].state == WELL
    yield GaugeMetricFamily("tipline_watchman_satisfied", "1 while he finds nothing wrong.", value=satisfied)


def _tests(session: Session, now: int) -> Iterator[GaugeMetricFamily]:
    """Over all schools: the oldest of the last weekly tests, and whether each of them ended well."""
    schools = session.scalars(select(Drill.school).where(Drill.kind == drills.SELF_TEST).distinct())
    last = [test for school in schools if (test := drills.last_test(session, school)) is not None]
    if last:
        oldest = (now - min(test.asked_at for test in last)) / 1000
        yield GaugeMetricFamily("tipline_self_test_age_seconds", "Since the oldest last test.", value=oldest)
        well = all(test.well for test in last)
        yield GaugeMetricFamily("tipline_self_tests_well", "1 while each last test ended well.", value=well)


def error_class(code: str | None) -> str:
    """``none``, ``roster`` (a person's number), ``system`` (our account), ``permanent`` or ``passing``."""
    if not code:
        return "none"
    fault = fault_of(code)
    return fault.alarm or ("permanent" if fault.permanent else "passing")
