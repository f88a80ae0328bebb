"""Twilio, or whoever speaks its API at another address: the real client over our own wire."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from notify.channels import InboundText
from notify.channels.faults import fault_of
from notify.channels.http import THEIR_ADDRESS, Wire
from notify.errors import TransportError

RING_S = 30
INBOUND_LIMIT = 200
# A status without a code of its own.
_STATUS_CODES = {401: "20003", 403: "20003", 429: "20429", 500: "20500", 502: "20500", 503: "20500"}

Made = TypeVar("Made")


@dataclass(frozen=True)
class Account:
    """Whom the provider knows us as. ``status_to(attempt_id)``: where it reports an attempt's fate."""

    sid: str
    token: str = field(repr=False)
    status_to: Callable[[str], str] = field(repr=False)
    base_address: str = THEIR_ADDRESS


class TwilioProvider:
    """One account; safe for as many threads as it has ``connections``."""

    def __init__(self, account: Account, timeout_s: float = 2.5, connections: int = 16) -> None:
        wire = Wire(account.base_address, timeout_s, connections)
        # A dictionary with something in it keeps the client from looking at the environment.
        ours = {"TWILIO_EDGE": ""}
        self._status_to = account.status_to
        self._client: Any = Client(account.sid, account.token, http_client=wire, environment=ours)
        # The client loads its parts when first used; the first page must not wait for that.
        self._messages, self._calls = self._client.messages, self._client.calls

    def send_text(self, sender: str, to: str, body: str, attempt_id: str, valid_s: int | None) -> str:
        """A text; given up by the carrier after ``valid_s``, since a late page misleads."""
        options = {} if valid_s is None else {"validity_period": valid_s}
        status = self._status_to(attempt_id)
        return _try(
            lambda: _sid(
                self._messages.create(from_=sender, to=to, body=body, status_callback=status, **options)
            )
        )

    def call(self, sender: str, to: str, twiml: str, attempt_id: str) -> str:
        """A call; what it says travels with it, so that it speaks even while our web process is down."""
        status = self._status_to(attempt_id)
        return _try(
            lambda: _sid(
                self._calls.create(from_=sender, to=to, twiml=twiml, timeout=RING_S, status_callback=status)
            )
        )

    def inbound(self, number: str, since: int) -> list[InboundText]:
        """Texts to ``number`` since ``since`` (ms), oldest first; the provider's times are whole seconds."""
        after = datetime.fromtimestamp(since // 1000, UTC)
        listed = _try(lambda: self._messages.list(to=number, date_sent_after=after, limit=INBOUND_LIMIT))
        texts = [_text(one) for one in listed if one.direction == "inbound"]
        return sorted(texts, key=lambda text: text.at)


def _try(act: Callable[[], Made]) -> Made:
    try:
        return act()
    except TwilioException as error:
        raise _refused(error) from None
    except requests.Timeout:
        raise TransportError("timeout", permanent=False) from None
    except requests.RequestException:
        raise TransportError("connection", permanent=False) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        # Not the provider's JSON. `from None` everywhere: the cause may quote a number.
        raise TransportError("bad_answer", permanent=False) from None


def _refused(error: TwilioException) -> TransportError:
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    known = str(code) if code and code != status else _STATUS_CODES.get(status or 0, str(status))
    return TransportError(known, permanent=fault_of(known).permanent)


def _sid(made: Any) -> str:  # noqa: ANN401 - the client ships no types
    if not isinstance(made.sid, str):
        raise TypeError("an answer without an id")
    return made.sid


def _text(found: Any) -> InboundText:  # noqa: ANN401 - the client ships no types
    at = round(found.date_sent.timestamp() * 1000) if found.date_sent else 0
    return InboundText(_sid(found), str(found.from_), str(found.body or ""), at)
