"""The provider's REST API, version 2010-04-01, as far as Tipline uses it: messages and calls."""

import hmac
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from wiring.simulator.air import TAKEN_BY_URL, Air
from wiring.simulator.settings import Account, SimulatorSettings
from wiring.simulator.store import Message, Store, now_ms
from wiring.simulator.twiml import read

PREFIX = "/2010-04-01/Accounts/<account>"
MAX_HANG_S = 60
UNDELIVERED = 30003
FINAL = frozenset({"delivered", "undelivered", "received", "failed"})


def api(settings: SimulatorSettings, store: Store, air: Air) -> Blueprint:
    """The API of every account in ``settings``; faults in force apply to what it shall send or forget."""
    views = Blueprint("api", __name__)
    carrier = _Carrier(settings, store, air)
    views.before_request(carrier.authenticate)
    views.add_url_rule(f"{PREFIX}/Messages.json", "send", carrier.send, methods=["POST"])
    views.add_url_rule(f"{PREFIX}/Messages.json", "messages", carrier.messages)
    views.add_url_rule(f"{PREFIX}/Messages/<sid>.json", "message", carrier.message, methods=["GET", "POST"])
    views.add_url_rule(f"{PREFIX}/Messages/<sid>.json", "delete", carrier.delete, methods=["DELETE"])
    views.add_url_rule(f"{PREFIX}/Calls.json", "call", carrier.call, methods=["POST"])
    views.add_url_rule(f"{PREFIX}/Calls/<sid>.json", "call_state", carrier.message, methods=["GET", "POST"])
    views.add_url_rule(f"{PREFIX}.json", "account", carrier.account_state)
    return views


class _Carrier:
    def __init__(self, settings: SimulatorSettings, store: Store, air: Air) -> None:
        self._settings, self._store, self._air = settings, store, air

    def authenticate(self) -> Response | None:
        given = request.authorization
        account = self._account()
        good = given is not None and account is not None and given.username == account.sid
        if good and account and hmac.compare_digest((given and given.password) or "", account.token):
            return None
        return _error(401, 20003, "Authenticate")

    def send(self, account: str) -> Response:
        return self._take("sms", account, request.form.get("Body", ""), "")

    def call(self, account: str) -> Response:
        if request.form.get("Url"):
            return self._take("call", account, TAKEN_BY_URL + request.form["Url"], "")
        answer = read(request.form.get("Twiml", ""))
        return self._take("call", account, answer.spoken, answer.action)

    def messages(self, account: str) -> Response:
        """Texts to ``To``: those of ours from ``From``, else what came in; newest first."""
        since = _day(request.args.get("DateSent>", ""))
        to, sender = request.args.get("To", ""), request.args.get("From", "")
        found = self._store.texts_since(account, to, since, sender)
        kept = [message for message in map(self._store.kept, found) if message is not None]
        texts = [_json(message) for message in kept[: int(request.args.get("PageSize", "50"))]]
        return jsonify({"messages": texts, "page": 0, "page_size": 50, "next_page_uri": None})

    def message(self, account: str, sid: str) -> Response:
        found = self._kept(account, sid)
        if found is None:
            return _error(404, 20404, "The requested resource was not found")
        if request.method == "POST" and request.form.get("Body") == "":
            return self._forget(found, whole=False)
        return jsonify(_json(found))

    def delete(self, account: str, sid: str) -> Response:
        found = self._kept(account, sid)
        if found is None:
            return _error(404, 20404, "The requested resource was not found")
        return self._forget(found, whole=True)

    def _kept(self, account: str, sid: str) -> Message | None:
        found = self._store.get(sid)
        return self._store.kept(found) if found is not None and found.account == account else None

    def _forget(self, message: Message, *, whole: bool) -> Response:
        if message.status not in FINAL:
            return _error(400, 20009, "Cannot delete this resource before it is complete")
        refused = self._faulty(message.recipient)
        if refused:
            return refused
        self._store.forget(message.id, whole=whole)
        return Response(status=204) if whole else jsonify(_json(replace(message, body="")))

    def account_state(self, account: str) -> Response:
        return jsonify({"sid": account, "status": "active", "type": "Full"})

    def _account(self) -> Account | None:
        sid = (request.view_args or {}).get("account")
        return next((one for one in self._settings.accounts if one.sid == sid), None)

    def _take(self, kind: str, account: str, body: str, action: str) -> Response:
        sender, recipient = request.form.get("From", ""), request.form.get("To", "")
        if not recipient:
            return _error(400, 21604, "A 'To' phone number is required.")
        if sender not in {one.number for one in self._settings.accounts if one.sid == account}:
            return _error(400, 21606, "The 'From' number is not valid for this account.")
        refused = self._faulty(recipient)
        if refused:
            return refused
        prefix, status = ("CA", "queued") if kind == "call" else ("SM", "queued")
        callback = request.form.get("StatusCallback", "")
        message = Message(
            self._settings.id_of(prefix),
            kind,
            sender,
            recipient,
            body,
            now_ms(),
            status,
            inbound=False,
            account=account,
            action=action,
            callback=callback,
        )
        self._air.to_phone(message)
        response = jsonify(_json(message))
        response.status_code = 201
        return response

    def _faulty(self, recipient: str) -> Response | None:
        mode, until = self._store.fault(recipient) or ("", 0)
        if mode == "hang":
            time.sleep(min(max(until - now_ms(), 0) / 1000, MAX_HANG_S))
        if mode == "fail":
            return _error(500, 20500, "An internal server error has occurred")
        return _error(429, 20429, "Too many requests") if mode == "throttle" else None


def _json(message: Message) -> dict[str, Any]:
    """As the provider's description says, for a text or a call."""
    return _call_json(message) if message.kind == "call" else _text_json(message)


def _call_json(message: Message) -> dict[str, Any]:
    made = format_datetime(datetime.fromtimestamp(message.at_ms / 1000, UTC))
    return {
        "sid": message.id,
        "account_sid": message.account,
        "from": message.sender,
        "to": message.recipient,
        "status": message.status,
        "direction": "outbound-api",
        "date_created": made,
        "date_updated": made,
        "answered_by": None,
        "price": None,
        "price_unit": "USD",
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{message.account}/Calls/{message.id}.json",
        "subresource_uris": {},
    }


def _text_json(message: Message) -> dict[str, Any]:
    sent = format_datetime(datetime.fromtimestamp(message.at_ms / 1000, UTC))
    return {
        "sid": message.id,
        "account_sid": message.account,
        "from": message.sender,
        "to": message.recipient,
        "body": message.body,
        "status": "received" if message.inbound else message.status,
        "direction": "inbound" if message.inbound else "outbound-api",
        "date_created": sent,
        "date_sent": sent,
        "date_updated": sent,
        "error_code": UNDELIVERED if message.status == "undelivered" else None,
        "error_message": None,
        "num_segments": "1",
        "num_media": "0",
        "price": None,
        "price_unit": "USD",
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "uri": f"/2010-04-01/Accounts/{message.account}/Messages/{message.id}.json",
        "subresource_uris": {},
    }


def _day(text: str) -> int:
    """The provider filters by day or by moment (ISO 8601); nothing given is the beginning."""
    if not text:
        return 0
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _error(status: int, code: int, message: str) -> Response:
    response = jsonify({"code": code, "message": message, "status": status, "more_info": ""})
    response.status_code = status
    return response
