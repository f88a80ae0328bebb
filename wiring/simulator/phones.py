"""The page of phones, and the same things as JSON for tests and other programs."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from templates.words import render
from wiring.simulator.air import Air
from wiring.simulator.settings import SimulatorSettings
from wiring.simulator.store import Message, Store, now_ms

FAULTS = ("fail", "delay", "reorder", "duplicate", "drop", "hang", "throttle", "undelivered")
SHOWN_PER_PHONE = 30


def phones(
    settings: SimulatorSettings, store: Store, air: Air, on_call: Callable[[], frozenset[str]]
) -> Blueprint:
    """``on_call`` tells the numbers of those who are on call now."""
    views = Blueprint("phones", __name__)
    page = _Phones(settings, store, air, on_call)
    views.add_url_rule("/", "page", page.page)
    views.add_url_rule("/phones.json", "phones", page.phones_json)
    views.add_url_rule("/messages.json", "messages", page.messages_json)
    views.add_url_rule("/send", "send", page.send, methods=["POST"])
    views.add_url_rule("/answer", "answer", page.answer, methods=["POST"])
    views.add_url_rule("/fault", "fault", page.fault, methods=["POST"])
    views.add_url_rule("/healthz", "healthz", lambda: "ok")
    return views


class _Phones:
    def __init__(
        self, settings: SimulatorSettings, store: Store, air: Air, on_call: Callable[[], frozenset[str]]
    ) -> None:
        self._settings, self._store, self._air, self._on_call = settings, store, air, on_call

    def page(self) -> str:
        shown, on_call = self._store.shown(), self._on_call()
        phones = [
            {"phone": phone, "on_call": phone.number in on_call, "messages": _of(shown, phone.number)}
            for phone in self._settings.phones
            if phone.role in ("member", "reporter")
        ]
        numbers = {account.role: account.number for account in self._settings.accounts}
        return render("simulator/phones.html", "en", phones=phones, numbers=numbers, part=self._part())

    def phones_json(self) -> Response:
        on_call = self._on_call()
        ours = [
            {"number": one.number, "name": one.role, "role": one.role, "on_call": False}
            for one in self._settings.accounts
        ]
        people = [
            {"number": one.number, "name": one.name, "role": one.role, "on_call": one.number in on_call}
            for one in self._settings.phones
        ]
        return jsonify(people + ours)

    def messages_json(self) -> Response:
        return jsonify([message.to_json() for message in self._store.shown()])

    def send(self) -> AnyResponse:
        given = _given()
        if not given.get("from") or not given.get("to"):
            return _refuse("Give from, to and body.")
        message = self._air.from_phone(given["from"], given["to"], given.get("body", ""))
        return _answered({"id": message.id})

    def answer(self) -> AnyResponse:
        given = _given()
        message = self._store.get(given.get("id", ""))
        if message is None or message.kind != "call":
            return _refuse("No such call.")
        said = self._air.answer(message, given.get("digits", ""))
        return _answered({"id": message.id, "said": said.spoken})

    def fault(self) -> AnyResponse:
        given = _given()
        if given.get("mode") not in FAULTS:
            return _refuse("mode is one of " + ", ".join(FAULTS) + ".")
        until = now_ms() + int(float(given.get("seconds", "60")) * 1000)
        self._store.add_fault(given.get("to", "*"), given["mode"], until)
        return _answered({"until_ms": until})

    def _part(self) -> bool:
        """Whether only the phones are asked for, to put them into a page that is open already."""
        return request.args.get("part") == "phones"


def _of(messages: list[Message], number: str) -> list[dict[str, object]]:
    """The last texts and calls of one phone, oldest first, told from its side."""
    mine = [one for one in messages if number in (one.sender, one.recipient)]
    return [
        {**one.to_json(), "ours": one.sender == number, "ringing": one.status == "ringing"}
        for one in mine[-SHOWN_PER_PHONE:]
    ]


def _given() -> dict[str, str]:
    if request.is_json:
        given = request.get_json(silent=True)
        if not isinstance(given, dict):
            abort(400)
        return {str(key): str(value) for key, value in given.items()}
    return dict(request.form)


def _answered(result: dict[str, object]) -> AnyResponse:
    """JSON for programs; back to the page for a person."""
    return jsonify(result) if request.is_json else redirect("/")


def _refuse(why: str) -> Response:
    response = jsonify({"error": why})
    response.status_code = 400
    return response
