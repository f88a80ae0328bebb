"""The real client over our wire: against the carrier simulator, and against servers that misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pytest
import requests
from flask import Flask, request
from flask.typing import ResponseReturnValue

from notify.channels import ASK_S
from notify.channels.faults import FAULTS, fault_of
from notify.channels.twilio import Account, TwilioProvider
from notify.errors import TransportError
from tests.serving import address, serve
from tests.waiting import eventually
from wiring.simulator import settings as simulator
from wiring.simulator.app import simulator_app

LINE = simulator.Account("ACline", "line-token", "+15550100", "line")
PAGER = simulator.Account("ACpager", "pager-token", "+15550101", "pager")
PHONE = "+15550110"


def provider(base: str, token: str = PAGER.token, timeout_s: float = 2.5) -> TwilioProvider:
    account = Account("ACpager", token, lambda one: f"{base}/status?attempt={one}", base)
    return TwilioProvider(account, timeout_s)


@contextmanager
def answering(answer: Callable[[], ResponseReturnValue]) -> Iterator[str]:
    """A server that answers every request with ``answer()``."""
    app = Flask("provider")
    app.before_request(answer)
    server = serve(app)
    yield address(server)
    server.shutdown()
    server.server_close()


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[str]:
    settings = simulator.SimulatorSettings(
        database=tmp_path / "simulator.db",
        phones=(simulator.Phone(PHONE, "Ana", "member"),),
        accounts=(LINE, PAGER),
        webhook_base="http://127.0.0.1:9",
        ring_seconds=0.5,
    )
    server = serve(simulator_app(settings, frozenset))
    yield address(server)
    server.shutdown()
    server.server_close()


def code_of(act: Callable[[], object]) -> tuple[str, bool]:
    with pytest.raises(TransportError) as caught:
        act()
    assert PHONE not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value.code, caught.value.permanent


def text(one: TwilioProvider) -> str:
    return one.send_text(PAGER.number, PHONE, "Tipline: hello", "a1", 300)


def test_text_and_call_reach_the_carrier(carrier: str) -> None:
    one = provider(carrier)
    assert text(one).startswith("SM")
    twiml = '<Response><Gather action="http://127.0.0.1:9/v"><Say>Press 1</Say></Gather></Response>'
    assert one.call(PAGER.number, PHONE, twiml, "a2").startswith("CA")


def test_inbound_lists_what_came_to_the_number(carrier: str) -> None:
    requests.post(f"{carrier}/send", json={"from": PHONE, "to": PAGER.number, "body": "48213"}, timeout=5)
    requests.post(f"{carrier}/send", json={"from": PHONE, "to": LINE.number, "body": "help"}, timeout=5)
    one = provider(carrier)
    found = eventually(lambda: one.inbound(PAGER.number, 1_000_000_000_000))
    assert [(text.from_number, text.body) for text in found] == [(PHONE, "48213")]
    assert PHONE not in repr(found)
    assert "48213" not in repr(found)
    later = int(time.time() * 1000) + 3_600_000
    assert one.inbound(PAGER.number, later) == []


def test_what_was_taken_is_listed_newest_first(carrier: str) -> None:
    one, began = provider(carrier), int(time.time()) * 1000
    first = text(one)
    second = one.send_text(PAGER.number, PHONE, "Tipline: again", "a2", None)
    one.send_text(PAGER.number, "+15550111", "Tipline: hello", "a3", None)
    requests.post(f"{carrier}/send", json={"from": PHONE, "to": PAGER.number, "body": "48213"}, timeout=5)
    found = one.sent_texts(PAGER.number, PHONE, began)
    assert {(text.sid, text.body) for text in found} == {
        (first, "Tipline: hello"),
        (second, "Tipline: again"),
    }
    assert "Tipline" not in repr(found)
    assert one.sent_texts(PAGER.number, PHONE, began + 3_600_000) == []


def test_question_about_what_was_taken_ends_in_time() -> None:
    hanging = threading.Event()

    def hang() -> dict[str, str]:
        hanging.wait(5)
        return {}

    with answering(hang) as base:
        began = time.monotonic()
        assert code_of(lambda: provider(base).sent_texts(PAGER.number, PHONE, 0)) == ("timeout", False)
        assert time.monotonic() - began < ASK_S + 0.5
        hanging.set()


def delivered(one: TwilioProvider, sid: str) -> bool:
    return one.state_of(sid, "sms") == ("delivered", "")


def test_a_text_is_asked_for_emptied_and_deleted(carrier: str) -> None:
    one = provider(carrier)
    sid = text(one)
    eventually(lambda: delivered(one, sid))
    one.forget(sid, whole=False)
    one.forget(sid, whole=False)
    assert kept(carrier, sid) == (200, "")
    one.forget(sid, whole=True)
    one.forget(sid, whole=True)
    assert kept(carrier, sid)[0] == 404
    call = one.call(PAGER.number, PHONE, "<Response/>", "a2")
    eventually(lambda: one.state_of(call, "voice") == ("no-answer", ""))


def kept(base: str, sid: str) -> tuple[int, str]:
    """What the carrier's own record says."""
    path = f"{base}/2010-04-01/Accounts/{PAGER.sid}/Messages/{sid}.json"
    answer = requests.get(path, auth=(PAGER.sid, PAGER.token), timeout=5)
    return answer.status_code, answer.json().get("body", "")


@pytest.mark.parametrize(
    ("status", "body", "whole"),
    [(200, {"sid": "SM1", "body": "still here"}, False), (200, {}, True), (500, {}, True), (400, {}, False)],
)
def test_only_a_confirmation_counts_as_emptied(status: int, body: dict[str, str], whole: bool) -> None:
    with answering(lambda: (body, status)) as base:
        code_of(lambda: provider(base).forget("SM1", whole=whole))


def test_request_carries_what_the_provider_needs() -> None:
    seen: list[dict[str, str]] = []

    def take() -> tuple[dict[str, str], int]:
        seen.append(dict(request.form) | {"path": request.path})
        return {"sid": "SM1"}, 201

    with answering(take) as base:
        assert text(provider(base)) == "SM1"
    assert seen == [
        {
            "path": "/2010-04-01/Accounts/ACpager/Messages.json",
            "From": PAGER.number,
            "To": PHONE,
            "Body": "Tipline: hello",
            "StatusCallback": f"{base}/status?attempt=a1",
            "ValidityPeriod": "300",
        }
    ]


def test_wrong_token_is_a_system_fault(carrier: str) -> None:
    code, permanent = code_of(lambda: text(provider(carrier, token="wrong")))
    assert (code, permanent, fault_of(code).alarm) == ("20003", False, "system")


@pytest.mark.parametrize("code", [code for code in FAULTS if code.isdigit()])
def test_every_row_of_the_table_is_understood(code: str) -> None:
    def refuse() -> tuple[dict[str, object], int]:
        return {"code": int(code), "message": f"refused for {PHONE}", "status": 400}, 400

    with answering(refuse) as base:
        assert code_of(lambda: text(provider(base))) == (code, FAULTS[code].permanent)


@pytest.mark.parametrize("code", FAULTS)
def test_every_row_names_its_source(code: str) -> None:
    fault = FAULTS[code]
    assert fault.source
    assert fault.tries >= 1
    assert fault.alarm in {"", "roster", "system"}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, "broken", "20500"),
        (503, "", "20500"),
        (429, "", "20429"),
        (401, "", "20003"),
        (418, "{}", "418"),
        (201, "not JSON", "bad_answer"),
        (201, "[]", "bad_answer"),
        (201, "{}", "bad_answer"),
        (201, "", "bad_answer"),
        (201, "<!doctype html><title>Sign in to the network</title>", "bad_answer"),
        (200, "<!doctype html>", "bad_answer"),
        (502, "<!doctype html><title>Bad gateway</title>", "20500"),
        (302, "", "302"),
        (400, '{"type":"t","title":"x","status":400,"code":21610}', "21610"),
    ],
)
def test_odd_answers_are_faults_of_their_own(status: int, body: str, code: str) -> None:
    with answering(lambda: (body, status)) as base:
        assert code_of(lambda: text(provider(base)))[0] == code


@pytest.mark.parametrize("body", ['{"messages":[{"direction":"inbound","body":"48213"}]}', "[]"])
def test_a_list_of_texts_that_is_none_is_a_fault_too(body: str) -> None:
    """Whoever speaks their API may leave something out: whoever polls goes on."""
    with answering(lambda: (body, 200)) as base:
        assert code_of(lambda: provider(base).inbound(PAGER.number, 0)) == ("bad_answer", False)


@pytest.mark.parametrize(
    ("status", "said", "after_s"),
    [
        (429, "40", 40),
        (503, "7", 7),
        (429, "100000", 300),
        (429, "soon", 0),
        (429, "-5", 0),
        (500, "40", 0),
        (503, "Wed, 21 Oct 2015 07:28:00 GMT", 0),
        (503, "Fri, 31 Dec 2100 23:59:59 GMT", 300),
    ],
)
def test_who_says_when_to_come_again_is_taken_at_their_word(status: int, said: str, after_s: float) -> None:
    with (
        answering(lambda: ("", status, {"Retry-After": said})) as base,
        pytest.raises(TransportError) as caught,
    ):
        text(provider(base))
    assert (caught.value.after_s, caught.value.permanent) == (after_s, False)
    assert caught.value.code == {429: "20429", 500: "20500", 503: "20500"}[status]


def test_silent_provider_costs_no_more_than_its_time() -> None:
    release = threading.Event()
    with answering(lambda: (str(release.wait(10)), 201)) as base:
        began = time.monotonic()
        assert code_of(lambda: text(provider(base, timeout_s=0.4))) == ("timeout", False)
        assert time.monotonic() - began < 1
        release.set()


def test_provider_that_trickles_costs_no_more_either() -> None:
    release = threading.Event()

    def trickle() -> Iterator[bytes]:
        while not release.wait(0.05):
            yield b" "

    with answering(trickle) as base:
        began = time.monotonic()
        assert code_of(lambda: text(provider(base, timeout_s=0.4))) == ("timeout", False)
        assert time.monotonic() - began < 1
        release.set()


def test_provider_that_is_not_there_is_a_connection_fault() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert code_of(lambda: text(provider(base))) == ("connection", False)


TAKEN = b"HTTP/1.1 201 Created\r\nContent-Length: 13\r\n\r\n" + b'{"sid":"SM1"}'


def read_request(sent: BinaryIO) -> None:
    """Headers and body come apart; an answer before the body would count as one too many."""
    length = 0
    while (line := sent.readline().strip().lower()) != b"":
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    sent.read(length)


@contextmanager
def connections_that_last(answers: int) -> Iterator[tuple[str, list[int]]]:
    """A server that closes each connection, without a word, after so many answers; one item each."""
    accepted: list[int] = []

    def serve_them(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _peer = listening.accept()
                accepted.append(1)
                with connection, connection.makefile("rb") as sent:
                    for _ in range(answers):
                        read_request(sent)
                        connection.sendall(TAKEN)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve_them, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", accepted


def test_kept_connection_that_was_closed_is_opened_again() -> None:
    with connections_that_last(1) as (base, accepted):
        one = provider(base)
        assert [text(one) for _ in range(3)] == ["SM1"] * 3
        assert len(accepted) == 3


def test_connection_is_kept_between_texts() -> None:
    with connections_that_last(100) as (base, accepted):
        one = provider(base)
        assert [text(one) for _ in range(3)] == ["SM1"] * 3
        assert len(accepted) == 1
