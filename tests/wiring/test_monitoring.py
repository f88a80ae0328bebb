"""Metrics, liveness and readiness: behind a door of their own, and without a word about anybody."""

import re
from dataclasses import replace
from functools import partial

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from notify import vitals
from notify.deliver import deliver
from notify.tables import Attempt, Page
from reporting.web import public_app
from tests.waiting import eventually
from tests.wiring.test_heartbeat import Life
from tests.wiring.test_http import free_port
from tests.wiring.test_impairment import change, page
from vault.database import Database
from vault.tables import Report
from wiring import public, pulse
from wiring.complaints import complaints
from wiring.demo_people import PEOPLE, SCHOOL
from wiring.ground import Ground
from wiring.metrics import Rows, error_class, intake_seconds
from wiring.monitoring import Door, open_door
from wiring.pager import make_desk, make_door
from wiring.settings import MonitoringSection
from wiring.vitals import Vitals

CANARY = "Zanzibarine says she will kill herself tonight, her number is +15555550111"
LABELS = {"le", "outcome", "urgency", "channel", "state", "error", "process"}


@pytest.fixture
def door(fresh: Ground) -> Door:
    return make_door(fresh, Life())


def asking(door: Door) -> FlaskClient:
    return door.app().test_client()


def metrics(door: Door) -> dict[tuple[str, ...], float]:
    """Value by name and label values, these in the order of their names."""
    text = asking(door).get("/metrics", base_url="http://127.0.0.1").text
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def send(ground: Ground, door: Door, text: str) -> None:
    app = public_app(public.deps(ground, intake_seconds(door.registry)))
    assert app.test_client().post("/send", data={"text": text}).status_code == 200


def test_no_content_and_no_identity_is_in_what_is_measured(fresh: Ground, door: Door) -> None:
    send(fresh, door, CANARY)
    desk, _ = make_desk(fresh)
    with fresh.database.reading() as session:
        attempts = list(session.scalars(select(Attempt.id)))
        pages = session.scalars(select(Page)).all()
        report = session.scalars(select(Report)).one()
    assert attempts
    for one in attempts:
        deliver(desk, one)  # nobody listens: an error class appears
    shown = asking(door).get("/metrics", base_url="http://127.0.0.1").text
    assert 'tipline_intake_seconds_count{outcome="stored"} 1.0' in shown
    assert 'error="passing"' in shown
    private = {*re.findall(r"\w{4,}", CANARY), SCHOOL.id, report.id, report.reference, fresh.install}
    private |= {*attempts, *(one.id for one in pages)}
    private |= {part for person in PEOPLE for part in (person.number, person.login, *person.name.split())}
    said = re.sub(r"^# HELP.*$", "", shown, flags=re.MULTILINE)
    assert not [word for word in private if re.search(rf"\b{re.escape(word)}\b", said)]
    families = text_string_to_metric_families(shown)
    assert {name for family in families for one in family.samples for name in one.labels} <= LABELS


def test_what_waits_is_counted_and_its_age_told(fresh: Ground, door: Door) -> None:
    now = page(fresh)
    change(fresh, Attempt, due_at=now - 30_000)
    found = metrics(door)
    assert found["tipline_open_pages", "immediate"] == 1
    assert found["tipline_open_pages", "urgent"] == 0
    assert found["tipline_due_attempts",] == 2
    assert 30 <= found["tipline_oldest_due_seconds",] < 60
    assert found["tipline_sends_last_hour", "sms", "none", "due"] == 1


def test_sends_are_counted_by_channel_and_class_of_error(fresh: Ground, door: Door) -> None:
    page(fresh)
    with fresh.database.writing() as session:
        session.execute(
            update(Attempt).where(Attempt.channel == "sms").values(state="failed", error_code="30034")
        )
        session.execute(update(Attempt).where(Attempt.channel == "voice").values(state="sent"))
    found = metrics(door)
    assert found["tipline_sends_last_hour", "sms", "system", "failed"] == 1
    assert found["tipline_sends_last_hour", "voice", "none", "sent"] == 1
    assert [error_class(code) for code in ("", "21211", "30003", "30006", "what")] == [
        "none",
        "roster",
        "passing",
        "permanent",
        "passing",
    ]


def test_the_watchmans_mind_and_everybodys_pulse_are_shown(fresh: Ground, door: Door) -> None:
    Vitals(fresh.database, fresh.clock, vitals.WATCHMAN).beat()
    assert metrics(door)["tipline_watchman_satisfied",] == 1
    Vitals(fresh.database, fresh.clock, vitals.WATCHMAN).beat("attempt_late")
    found = metrics(door)
    assert found["tipline_watchman_satisfied",] == 0
    assert found["tipline_pulse_age_seconds", "watchman"] < 60


def test_without_a_database_the_scrape_says_so(fresh: Ground) -> None:
    door = Door(lambda: True, lambda: True)
    door.registry.register(Rows(Database("sqlite:////nowhere/at/all.db"), fresh.clock))
    found = metrics(door)
    assert found["tipline_database_up",] == 0
    assert "tipline_due_attempts" not in {name for name, *_ in found}


def test_the_pager_is_ready_while_pages_leave_and_alive_while_it_beats(fresh: Ground, door: Door) -> None:
    life = Life()
    door = make_door(fresh, life)
    client = asking(door)
    assert client.get("/healthz", base_url="http://127.0.0.1").status_code == 503
    assert client.get("/readyz", base_url="http://127.0.0.1").status_code == 503
    life.beat()
    Vitals(fresh.database, fresh.clock, vitals.PAGER).beat()
    assert client.get("/healthz", base_url="http://127.0.0.1").text == "ok\n"
    assert client.get("/readyz", base_url="http://127.0.0.1").text == "ready\n"


def test_nothing_is_told_to_what_came_through_a_proxy(door: Door) -> None:
    client = asking(door)
    for path in ("/metrics", "/healthz", "/readyz"):
        assert client.get(path, base_url="https://tips.example.org").status_code == 421
        forwarded = client.get(path, base_url="http://127.0.0.1", headers={"X-Forwarded-For": "192.0.2.1"})
        assert forwarded.status_code == 421


def test_the_form_has_no_metrics(fresh: Ground) -> None:
    client = public_app(public.deps(fresh)).test_client()
    assert client.get("/metrics").status_code == 404


def test_each_process_has_a_port_of_its_own_and_workers_share_theirs(fresh: Ground) -> None:
    base = free_port() - 4
    monitoring = replace(fresh.config.settings, monitoring=MonitoringSection(port=base))
    life = Life()
    life.beat()
    answering = partial(answering_from, base)
    for count in (1, 2):
        open_door(replace(fresh.config, settings=monitoring), "worker", Door(life.beats, lambda: True), life)
        eventually(lambda count=count: len(answering()) == count)  # type: ignore[misc]
    life.stop.set()
    eventually(lambda: not answering())


def answering_from(base: int) -> list[int]:
    return [place for place in range(4, 20) if pulse.answers(("127.0.0.1", base + place))]


def test_none_listens_unless_the_file_says_so(fresh: Ground) -> None:
    life = Life()
    open_door(fresh.config, "pager", Door(life.beats, lambda: True), life)
    assert fresh.config.settings.monitoring.port == 0
    assert not pulse.answers(("127.0.0.1", 2))


@pytest.mark.parametrize("port", [-1, 65_530, 7_990])
def test_ports_that_cannot_be_are_refused(fresh: Ground, port: int) -> None:
    settings = replace(fresh.config.settings, monitoring=MonitoringSection(port=port))
    assert [key for key, _, _ in complaints(settings)] == ["monitoring.port"] * (3 if port == 7_990 else 1)
