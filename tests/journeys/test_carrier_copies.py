"""The words of a text are gone at the carrier soon after they are ours, whatever is refused or killed."""

import tomllib
from typing import Any

import pytest
import requests

from tests.journeys.demo import Demo
from tests.waiting import eventually

pytestmark = pytest.mark.slow

CANARY = "quokka marzipan lantern"


def kept(demo: Demo, role: str, sid: str = "") -> requests.Response:
    """What the carrier's API says to the owner of our ``role`` number: one text, or all that came to it."""
    carrier = tomllib.loads(demo.config.read_text(encoding="utf-8"))["carrier"][role]
    token = (demo.folder / "secrets" / "simulator" / f"carrier-{role}-token").read_text().strip()
    account = carrier["account_sid"]
    path = f"/2010-04-01/Accounts/{account}/Messages{'/' + sid if sid else ''}.json"
    query = {} if sid else {"To": carrier["number"], "PageSize": "1000"}
    return requests.get(demo.carrier.base + path, query, auth=(account, token), timeout=10)


def wrote(demo: Demo, words: str) -> dict[str, Any]:
    """A reporter texts the line and is answered; the text as the simulator shows it."""
    line, phone = demo.carrier.number("line"), demo.carrier.reporter()
    demo.carrier.send(phone, line, words)
    text = eventually(lambda: [one for one in demo.carrier.messages(to=line) if one["body"] == words])[0]
    eventually(lambda: text["id"] in {m["id"] for m in demo.carrier.messages() if m["status"] == "received"})
    return text


def test_a_reporters_words_are_gone_at_the_carrier(demo: Demo) -> None:
    text = wrote(demo, f"{CANARY} one")
    eventually(lambda: kept(demo, "line", text["id"]).status_code == 404, 30)
    assert CANARY not in kept(demo, "line").text
    assert kept(demo, "pager", text["id"]).status_code == 404


def test_although_the_carrier_refuses_at_first_and_the_pager_is_killed(demo: Demo) -> None:
    demo.carrier.fault(demo.carrier.number("line"), "fail", 4)
    text = wrote(demo, f"{CANARY} two")
    assert kept(demo, "line", text["id"]).json()["body"] == text["body"]
    before = demo.kill("pager")
    eventually(lambda: demo.restarted("pager", before), 30)
    eventually(lambda: kept(demo, "line", text["id"]).status_code == 404, 75)
    assert CANARY not in kept(demo, "line").text


def test_a_code_that_was_texted_back_and_our_answers_are_emptied(demo: Demo) -> None:
    phone, pager = demo.carrier.reporter(), demo.carrier.number("pager")
    demo.carrier.send(phone, pager, "48213")
    sent = eventually(lambda: demo.carrier.messages(to=pager))[0]
    eventually(lambda: kept(demo, "pager", sent["id"]).json()["body"] == "", 30)
    answer = eventually(lambda: [m for m in demo.carrier.messages(to=phone) if m["from"] == pager])[0]
    assert answer["body"]
    eventually(lambda: kept(demo, "pager", answer["id"]).json()["body"] == "", 30)
