"""The carrier as the real client and real webhooks see it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.serving import address, serve
from tests.waiting import eventually
from wiring.simulator.app import simulator_app
from wiring.simulator.settings import Account, Phone, SimulatorSettings

LINE = Account("ACline", "line-token", "+15550100", "line")
PAGER = Account("ACpager", "pager-token", "+15550101", "pager")
COUNSELOR = Phone("+15550110", "Counselor", "member")
REPORTER = Phone("+15550120", "Reporter", "reporter")


@dataclass
class Webhooks:
    """Our side of the webhooks: what came, and whether its signature was right."""

    seen: list[tuple[str, dict[str, str], bool]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    failing: bool = False

    def take(self, path: str) -> tuple[str, int]:
        form = dict(request.form)
        token = LINE.token if form.get("AccountSid") == LINE.sid else PAGER.token
        good = RequestValidator(token).validate(request.url, form, request.headers["X-Twilio-Signature"])
        self.seen.append((path, form, good))
        return (self.answers.get(path, "<Response/>"), 503 if self.failing else 200)


class Carrier:
    def __init__(self, folder: Path) -> None:
        self.webhooks = Webhooks()
        hooks = Flask("hooks")
        hooks.add_url_rule("/<path:path>", "take", self.webhooks.take, methods=["POST"])
        self._hooks = serve(hooks)
        self.settings = SimulatorSettings(
            database=folder / "simulator.db",
            phones=(COUNSELOR, REPORTER),
            accounts=(LINE, PAGER),
            webhook_base=address(self._hooks),
            ring_seconds=0.5,
        )
        self._server = serve(simulator_app(self.settings, lambda: frozenset({COUNSELOR.number})))
        self.base = address(self._server)

    def client(self, token: str = PAGER.token) -> Any:  # noqa: ANN401 - the client ships no types
        client = Client(PAGER.sid, token, http_client=TwilioHttpClient(timeout=5))
        client.api.base_url = self.base
        return client

    def post(self, path: str, **fields: str) -> dict[str, Any]:
        answer: dict[str, Any] = requests.post(self.base + path, json=fields, timeout=10).json()
        return answer

    def messages(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = requests.get(self.base + "/messages.json", timeout=5).json()
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._hooks.shutdown()
        self._server.server_close()
        self._hooks.server_close()


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    it = Carrier(tmp_path)
    yield it
    it.close()


def text_counselor(carrier: Carrier, **more: str) -> Any:  # noqa: ANN401 - the client ships no types
    return carrier.client().messages.create(
        to=COUNSELOR.number, from_=PAGER.number, body="Reply 12345", **more
    )


def test_a_text_sent_by_the_real_client_reaches_the_phone_and_its_states_are_told(carrier: Carrier) -> None:
    sent = text_counselor(carrier, status_callback=carrier.settings.webhook_base + "/carrier/status")
    states = eventually(
        lambda: (
            [f["MessageStatus"] for _, f, good in carrier.webhooks.seen if good][1:]
            and [f["MessageStatus"] for _, f, good in carrier.webhooks.seen if good]
        )
    )
    assert states == ["sent", "delivered"]
    shown = eventually(lambda: [m for m in carrier.messages() if m["status"] == "delivered"])
    assert shown[0] | {"at": ""} == {
        "id": sent.sid,
        "kind": "sms",
        "from": PAGER.number,
        "to": COUNSELOR.number,
        "body": "Reply 12345",
        "at": "",
        "status": "delivered",
    }


def test_a_wrong_token_is_refused(carrier: Carrier) -> None:
    with pytest.raises(TwilioRestException) as refused:
        carrier.client("wrong").messages.create(to=COUNSELOR.number, from_=PAGER.number, body="x")
    assert refused.value.status == 401


def test_a_number_of_another_account_cannot_be_the_sender(carrier: Carrier) -> None:
    with pytest.raises(TwilioRestException) as refused:
        carrier.client().messages.create(to=COUNSELOR.number, from_=LINE.number, body="x")
    assert refused.value.code == 21606


def test_a_text_to_the_line_comes_as_a_signed_webhook_and_its_answer_reaches_the_phone(
    carrier: Carrier,
) -> None:
    carrier.webhooks.answers["carrier/sms"] = "<Response><Message>We have it.</Message></Response>"
    carrier.post("/send", **{"from": REPORTER.number, "to": LINE.number, "body": "hello"})
    answer = eventually(lambda: [m for m in carrier.messages() if m["body"] == "We have it."])
    assert (answer[0]["from"], answer[0]["to"]) == (LINE.number, REPORTER.number)
    path, fields, good = carrier.webhooks.seen[0]
    assert (path, fields["Body"], fields["FromCity"], good) == ("carrier/sms", "hello", "", True)


def test_a_webhook_that_fails_is_tried_again(carrier: Carrier) -> None:
    carrier.webhooks.failing = True
    carrier.post("/send", **{"from": REPORTER.number, "to": LINE.number, "body": "hello"})
    eventually(lambda: carrier.webhooks.seen)
    carrier.webhooks.failing = False
    eventually(lambda: [m for m in carrier.messages() if m["status"] == "received"])
    assert len({fields["MessageSid"] for _, fields, _ in carrier.webhooks.seen}) == 1


def test_a_call_speaks_and_takes_a_digit(carrier: Carrier) -> None:
    carrier.webhooks.answers["digits"] = "<Response><Say>You have it.</Say></Response>"
    twiml = '<Response><Gather numDigits="1" action="/digits"><Say>Press 1.</Say></Gather></Response>'
    carrier.client().calls.create(to=COUNSELOR.number, from_=PAGER.number, twiml=twiml)
    call = eventually(lambda: [m for m in carrier.messages() if m["status"] == "ringing"])[0]
    assert call["body"] == "Press 1."
    said = carrier.post("/answer", id=call["id"], digits="1")
    assert said["said"] == "You have it."
    assert [f["Digits"] for p, f, good in carrier.webhooks.seen if p == "digits" and good] == ["1"]
    assert carrier.messages()[0]["status"] == "completed"


def test_a_call_that_nobody_answers_ends(carrier: Carrier) -> None:
    carrier.client().calls.create(to=COUNSELOR.number, from_=PAGER.number, twiml="<Response/>")
    eventually(lambda: [m for m in carrier.messages() if m["status"] == "no-answer"])


def test_inbound_texts_can_be_asked_for_and_emptied_once_they_are_done(carrier: Carrier) -> None:
    carrier.webhooks.failing = True
    sent = carrier.post("/send", **{"from": COUNSELOR.number, "to": PAGER.number, "body": "12345"})
    found = carrier.client().messages.list(to=PAGER.number, limit=5)
    assert [(one.sid, one.body, one.from_) for one in found] == [(sent["id"], "12345", COUNSELOR.number)]
    kept = carrier.client().messages(sent["id"])
    for act in (lambda: kept.update(body=""), kept.delete):
        with pytest.raises(TwilioRestException) as refused:
            act()
        assert refused.value.code == 20009
    carrier.webhooks.failing = False
    eventually(lambda: carrier.messages()[0]["status"] == "received")
    assert kept.update(body="").body == ""
    assert kept.fetch().body == ""
    assert carrier.messages()[0]["body"] == "12345"  # the phone still shows it


def test_a_deleted_text_is_gone_from_the_carriers_records(carrier: Carrier) -> None:
    sent = text_counselor(carrier)
    eventually(lambda: carrier.messages()[0]["status"] == "delivered")
    assert sent.delete()
    with pytest.raises(TwilioRestException) as refused:
        sent.fetch()
    assert refused.value.code == 20404
    assert carrier.messages()[0]["body"] == "Reply 12345"


def test_the_end_of_an_answer_is_told_where_the_answer_says(carrier: Carrier) -> None:
    told = f'<Message statusCallback="{carrier.settings.webhook_base}/told">We have it.</Message>'
    carrier.webhooks.answers["carrier/sms"] = f"<Response>{told}</Response>"
    carrier.post("/send", **{"from": REPORTER.number, "to": LINE.number, "body": "hello"})
    eventually(
        lambda: (
            [f["MessageStatus"] for path, f, good in carrier.webhooks.seen if path == "told" and good]
            == ["sent", "delivered"]
        )
    )


@pytest.mark.parametrize(("mode", "status"), [("fail", 500), ("throttle", 429)])
def test_a_fault_refuses_what_is_sent_to_that_number(carrier: Carrier, mode: str, status: int) -> None:
    carrier.post("/fault", to=COUNSELOR.number, mode=mode, seconds="30")
    with pytest.raises(TwilioRestException) as refused:
        text_counselor(carrier)
    assert refused.value.status == status


def test_a_dropped_text_is_accepted_and_never_seen(carrier: Carrier) -> None:
    carrier.post("/fault", to=COUNSELOR.number, mode="drop", seconds="30")
    assert text_counselor(carrier).sid
    assert carrier.messages() == []


def test_a_delayed_text_arrives_when_the_delay_is_over(carrier: Carrier) -> None:
    carrier.post("/fault", to=COUNSELOR.number, mode="delay", seconds="0.5")
    text_counselor(carrier)
    assert carrier.messages() == []
    eventually(carrier.messages)


def test_reordered_texts_arrive_the_other_way_round(carrier: Carrier) -> None:
    carrier.post("/fault", to=COUNSELOR.number, mode="reorder", seconds="2")
    first, apart = text_counselor(carrier).sid, time.monotonic() + 0.3
    eventually(lambda: time.monotonic() > apart)
    second = text_counselor(carrier).sid
    shown = eventually(
        lambda: [m["id"] for m in carrier.messages()][1:] and [m["id"] for m in carrier.messages()]
    )
    assert shown == [second, first]


def test_a_hanging_carrier_answers_only_when_it_is_over(carrier: Carrier) -> None:
    carrier.post("/fault", to=COUNSELOR.number, mode="hang", seconds="0.5")
    began = time.monotonic()
    text_counselor(carrier)
    assert time.monotonic() - began >= 0.4


def test_an_unknown_fault_is_refused_with_the_list(carrier: Carrier) -> None:
    assert "delay" in carrier.post("/fault", to="*", mode="explode", seconds="1")["error"]


def test_messages_survive_a_restart_and_unanswered_webhooks_go_on(carrier: Carrier) -> None:
    carrier.webhooks.failing = True
    carrier.post("/send", **{"from": REPORTER.number, "to": LINE.number, "body": "still here"})
    eventually(lambda: carrier.webhooks.seen)
    carrier.webhooks.failing = False
    again = simulator_app(carrier.settings).test_client()
    eventually(lambda: [m for m in again.get("/messages.json").get_json() if m["status"] == "received"])


def test_phones_say_who_is_on_call(carrier: Carrier) -> None:
    phones = requests.get(carrier.base + "/phones.json", timeout=5).json()
    assert {"number": COUNSELOR.number, "name": "Counselor", "role": "member", "on_call": True} in phones
    assert {one["role"] for one in phones} == {"member", "reporter", "line", "pager"}


def test_the_page_shows_each_phone_and_a_person_can_type(carrier: Carrier) -> None:
    text_counselor(carrier)
    eventually(carrier.messages)
    page = requests.get(carrier.base + "/", timeout=5).text
    assert "Reply 12345" in page
    assert "on call" in page
    typed = requests.post(
        carrier.base + "/send", data={"from": REPORTER.number, "to": LINE.number, "body": "hi"}, timeout=5
    )
    assert typed.status_code == 200
    assert "hi" in typed.text
