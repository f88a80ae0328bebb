"""The simulator answers as the provider describes it, through the whole life of texts and calls."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from notify.channels.twilio import Account, TwilioProvider
from tests.contract.conftest import Listener, listening
from tests.contract.description import Description
from tests.serving import address, serve
from tests.waiting import eventually
from wiring.simulator import settings as simulator
from wiring.simulator.app import simulator_app

OURS = simulator.Account("AC" + "0123456789abcdef" * 2, "pager-token", "+15550101", "pager")
PHONE, DEAD = "+15550110", "+15550111"
LONG_AGO = 1_700_000_000_000
TWIML = '<Response><Gather numDigits="1"><Say>Press 1.</Say></Gather></Response>'


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Listener]:
    settings = simulator.SimulatorSettings(
        database=tmp_path / "simulator.db",
        phones=(simulator.Phone(PHONE, "Ana", "member"),),
        accounts=(OURS,),
        webhook_base="http://127.0.0.1:9",
        ring_seconds=0.3,
    )
    with ExitStack() as at_the_end:
        server = serve(simulator_app(settings))
        at_the_end.callback(server.server_close)
        at_the_end.callback(server.shutdown)
        yield at_the_end.enter_context(listening(address(server)))


def wrong(carrier: Listener, description: Description) -> list[tuple[str, list[str]]]:
    """Every answer so far with which the description does not agree."""
    assert carrier.heard
    looked = [
        (one.path, description.about_answer(one.method, one.path, one.status, one.answer))
        for one in carrier.heard
    ]
    return [(path, said) for path, said in looked if said]


def provider(carrier: Listener) -> TwilioProvider:
    return TwilioProvider(Account(OURS.sid, OURS.token, lambda one: f"http://h/{one}", carrier.address), 10)


def test_a_texts_life_is_told_as_described(carrier: Listener, description: Description) -> None:
    one = provider(carrier)
    sid = one.send_text(OURS.number, PHONE, "Tipline: case K7QM-29TX", "a1", 300)
    eventually(lambda: one.state_of(sid, "sms") == ("delivered", ""))
    assert [text.sid for text in one.sent_texts(OURS.number, PHONE, LONG_AGO)] == [sid]
    one.forget(sid, whole=False)
    assert one.sent_texts(OURS.number, PHONE, LONG_AGO)[0].body == ""
    one.forget(sid, whole=True)
    assert one.sent_texts(OURS.number, PHONE, LONG_AGO) == []
    assert wrong(carrier, description) == []


def test_one_that_did_not_arrive_says_why(carrier: Listener, description: Description) -> None:
    requests.post(
        f"{carrier.base}/fault", json={"to": DEAD, "mode": "undelivered", "seconds": "30"}, timeout=5
    )
    one = provider(carrier)
    sid = one.send_text(OURS.number, DEAD, "Tipline: hello", "a1", 300)
    eventually(lambda: one.state_of(sid, "sms") == ("undelivered", "30003"))
    assert wrong(carrier, description) == []


def test_what_came_in_is_listed_as_described(carrier: Listener, description: Description) -> None:
    requests.post(f"{carrier.base}/send", json={"from": PHONE, "to": OURS.number, "body": "48213"}, timeout=5)
    found = eventually(lambda: provider(carrier).inbound(OURS.number, LONG_AGO))
    assert [text.body for text in found] == ["48213"]
    assert wrong(carrier, description) == []


def test_a_calls_life_is_told_as_described(carrier: Listener, description: Description) -> None:
    one = provider(carrier)
    sid = one.call(OURS.number, PHONE, TWIML, "a2")
    eventually(lambda: one.state_of(sid, "voice") == ("no-answer", ""))
    assert wrong(carrier, description) == []
