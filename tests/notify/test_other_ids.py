"""Two companies whose ids look alike, and like no other's: each is asked about what it took itself."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import requests

from notify.asking import QUIET_MS, Asker
from notify.channels import Outlet
from notify.channels.telephone import channels_of
from notify.channels.twilio import Account, TwilioProvider
from notify.emptying import SETTLED_MS, Emptier
from notify.tables import Attempt
from notify.wake import Silent
from notify.webhooks import About, status
from tests.notify.world import World
from tests.serving import address, serve
from tests.waiting import eventually
from vault.database import Database
from wiring.simulator import settings as simulator
from wiring.simulator.app import simulator_app

NUMBERS = {"pager": "+15550101", "second": "+15550109"}


def numbering() -> Callable[[str], str]:
    numbered = count(1)
    return lambda _prefix: f"n:{next(numbered)}+a"


@pytest.fixture
def carriers(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The addresses of two simulators, by sender; each counts its texts and calls in one row."""
    servers = {}
    for sender, number in NUMBERS.items():
        settings = simulator.SimulatorSettings(
            database=tmp_path / f"{sender}.db",
            phones=(),
            accounts=(simulator.Account(f"account-{sender}", "token", number, "pager"),),
            webhook_base="http://127.0.0.1:9",
            ring_seconds=0.1,
            id_of=numbering(),
        )
        servers[sender] = serve(simulator_app(settings))
    yield {sender: address(server) for sender, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture
def world(database: Database, carriers: dict[str, str]) -> World:
    world = World.with_counselors(database)
    outlets = {
        sender: Outlet(
            NUMBERS[sender],
            TwilioProvider(
                Account(f"account-{sender}", "token", lambda _attempt: "http://127.0.0.1:9/", base)
            ),
        )
        for sender, base in carriers.items()
    }
    world.desk = replace(world.desk, outlets=outlets, channels=channels_of(outlets))
    return world


@pytest.fixture
def taken(world: World) -> list[Attempt]:
    """Ana is texted and called by the first company, then by the second: both number what they took alike."""
    world.open()
    for _ in range(3):
        world.breaker.failed("pager")
    world.open(subject="two", reference="M2XR-77AB")
    found = world.attempts()
    assert sorted((one.sender, one.channel) for one in found) == [
        (sender, channel) for sender in NUMBERS for channel in ("sms", "voice")
    ]
    assert {one.provider_id for one in found} == {"n:1+a", "n:2+a"}
    return found


def body_at(base: str, sender: str, sid: str) -> str:
    found = requests.get(
        f"{base}/2010-04-01/Accounts/account-{sender}/Messages/{sid}.json",
        auth=(f"account-{sender}", "token"),
        timeout=5,
    ).json()
    return str(found["body"])


def test_each_company_empties_its_own_texts(
    world: World, carriers: dict[str, str], taken: list[Attempt]
) -> None:
    texts = {str(one.sender): str(one.provider_id) for one in taken if one.channel == "sms"}
    for sender, sid in texts.items():
        assert "Reply" in body_at(carriers[sender], sender, sid)
    eventually(lambda: all(ended(world, one) for one in taken))
    world.clock.moment += SETTLED_MS
    emptier = Emptier(world.database, world.clock, world.desk.outlets, world.alarms)
    assert emptier.empty_due() == 2
    for sender, sid in texts.items():
        assert body_at(carriers[sender], sender, sid) == ""
    assert emptier.empty_due() == 0


def test_each_company_is_asked_what_became_of_what_it_took(world: World, taken: list[Attempt]) -> None:
    """Neither told us. A text is asked about as a text and a call as a call, however their ids begin."""
    eventually(lambda: all(ended(world, one) for one in taken))
    world.clock.moment += QUIET_MS
    Asker(world.database, world.clock, world.desk.outlets, Silent(), world.alarms).ask()
    ends = {(one.sender, one.channel): (one.state, one.error_code) for one in world.attempts(step=0)}
    assert ends == {
        **{(sender, "sms"): ("delivered", None) for sender in NUMBERS},
        **{(sender, "voice"): ("failed", "no-answer") for sender in NUMBERS},
    }


def test_one_companys_word_is_about_none_of_the_others(world: World, taken: list[Attempt]) -> None:
    (text,) = (one for one in taken if (one.sender, one.channel) == ("second", "sms"))
    with world.database.writing() as session:
        status(session, world.clock.moment, About(str(text.provider_id), sender="second"), "delivered")
    arrived = [one.id for one in world.attempts() if one.state == "delivered"]
    assert arrived == [text.id]


def ended(world: World, attempt: Attempt) -> bool:
    outlet = world.desk.outlets[str(attempt.sender)]
    return outlet.provider.state_of(str(attempt.provider_id), attempt.channel)[0] in {
        "delivered",
        "no-answer",
    }


def test_what_one_company_does_not_take_leaves_by_the_other(world: World, carriers: dict[str, str]) -> None:
    for mode in ("fail", "throttle"):
        fault = {"to": world.phone["ana"], "mode": mode, "seconds": "60"}
        requests.post(f"{carriers['pager']}/fault", json=fault, timeout=5)
        world.open(subject=mode, reference=f"AAAA-{mode[:4].upper()}")
        world.pass_time(2)
    texts = world.attempts(channel="sms")
    assert [(one.sender, one.state) for one in texts] == [("second", "sent")] * 2
    shown = requests.get(f"{carriers['second']}/messages.json", timeout=5).json()
    bodies = [one["body"] for one in shown if one["kind"] == "sms"]
    assert ["AAAA-FAIL" in bodies[0], "AAAA-THRO" in bodies[1]] == [True, True]
    assert world.text("ana", bodies[0].split("Reply ")[1][:5]).kind == "acknowledged"
