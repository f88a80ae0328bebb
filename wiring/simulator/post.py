"""Our webhooks as the provider calls them: form fields, a signature, patience."""

import threading
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError

import requests
from twilio.request_validator import RequestValidator

from wiring.simulator.settings import Account, SimulatorSettings
from wiring.simulator.store import Message
from wiring.simulator.twiml import Answer, read

WEBHOOK_TIMEOUT_S = 15
OK = 200


class Postman:
    """Posts signed webhooks; ``None`` means that nobody answered as they should."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._settings = settings
        self._local = threading.local()

    def post(self, message: Message, address: str, fields: dict[str, str]) -> Answer | None:
        """The answer to a webhook at ``address`` (whole, or relative to the public process)."""
        account = next((one for one in self._settings.accounts if one.sid == message.account), None)
        if account is None:
            return None
        url = urljoin(self._settings.webhook_base + "/", address)
        headers = {"X-Twilio-Signature": _signature(account, url, fields)}
        try:
            response = self._session().post(url, data=fields, headers=headers, timeout=WEBHOOK_TIMEOUT_S)
        except requests.RequestException:
            return None
        return _answer(response)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session


def text_fields(message: Message) -> dict[str, str]:
    """A text to us, with the geography that a provider sends unasked."""
    return {
        "MessageSid": message.id,
        "SmsMessageSid": message.id,
        "AccountSid": message.account,
        "From": message.sender,
        "To": message.recipient,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": "1",
        "FromCity": "",
        "FromState": "",
        "FromZip": "",
    }


def status_fields(message: Message, status: str) -> dict[str, str]:
    """The state of a text or call of ours."""
    if message.kind == "call":
        return call_fields(message, status)
    fields = {
        "MessageSid": message.id,
        "SmsSid": message.id,
        "MessageStatus": status,
        "SmsStatus": status,
        "AccountSid": message.account,
        "From": message.sender,
        "To": message.recipient,
    }
    return fields | ({"ErrorCode": "30003"} if status == "undelivered" else {})


def call_fields(message: Message, status: str) -> dict[str, str]:
    return {
        "CallSid": message.id,
        "AccountSid": message.account,
        "From": message.sender,
        "To": message.recipient,
        "CallStatus": status,
        "Direction": "outbound-api",
    }


def _answer(response: requests.Response) -> Answer | None:
    if response.status_code not in (OK, 204):
        return None
    try:
        return read(response.text)
    except ParseError:
        return None


def _signature(account: Account, url: str, fields: dict[str, str]) -> str:
    return str(RequestValidator(account.token).compute_signature(url, fields))
