"""Twilio, or whoever speaks its API at another address: the real client over our own wire."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from notify.channels import ASK_S, CALL, InboundText, SentText
from notify.channels.faults import fault_of
from notify.channels.http import THEIR_ADDRESS, LaterError, Wire
from notify.errors import TransportError

RING_S = 30
INBOUND_LIMIT = 200
SENT_LIMIT = 50
# Calls tell only their end unless asked for more.
CALL_STATES = ["initiated", "ringing", "answered", "completed"]
GONE = "20404"
# A status without a code of its own.
_STATUS_CODES = {
    401: "20003",
    403: "20003",
    404: "20404",
    429: "20429",
    500: "20500",
    502: "20500",
    503: "20500",
}

Made = TypeVar("Made")


@dataclass(frozen=True)
class Account:
    """Whom the provider knows us as. ``status_to(attempt_id)``: where it reports an attempt's fate."""

    sid: str
    token: str = field(repr=False)
    status_to: Callable[[str], str] = field(repr=False)
    base_address: str = THEIR_ADDRESS
    ca_file: str = ""


class TwilioProvider:
    """One account; safe for as many threads as it has ``connections``."""

    def __init__(self, account: Account, timeout_s: float = 2.5, connections: int = 16) -> None:
        self._status_to = account.status_to
        self._client, asking = (
            _client(account, Wire(account.base_address, seconds, connections, account.ca_file))
            for seconds in (timeout_s, ASK_S)
        )
        # The client loads its parts when first used; the first page must not wait for that.
        self._messages, self._calls = self._client.messages, self._client.calls
        self._asked = asking.messages

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
                self._calls.create(
                    from_=sender,
                    to=to,
                    twiml=twiml,
                    timeout=RING_S,
                    status_callback=status,
                    status_callback_event=CALL_STATES,
                )
            )
        )

    def sent_texts(self, sender: str, to: str, since: int) -> list[SentText]:
        """Texts from ``sender`` to ``to`` taken since ``since`` (ms), newest first, within ``ASK_S``.

        Not filtered by when they were sent: those still queued were not, and are taken all the same.
        """
        listed = _try(lambda: self._asked.list(to=to, from_=sender, limit=SENT_LIMIT))
        texts = _try(lambda: [_sent(one) for one in listed if one.direction == "outbound-api"])
        return [text for text in texts if text.at >= since]

    def inbound(self, number: str, since: int) -> list[InboundText]:
        """Texts to ``number`` since ``since`` (ms), oldest first; the provider's times are whole seconds."""
        after = datetime.fromtimestamp(since // 1000, UTC)
        listed = _try(lambda: self._messages.list(to=number, date_sent_after=after, limit=INBOUND_LIMIT))
        texts = _try(lambda: [_text(one) for one in listed if one.direction == "inbound"])
        return sorted(texts, key=lambda text: text.at)

    def state_of(self, provider_id: str, channel: str) -> tuple[str, str]:
        """Its status; a call has no error code."""
        kind = self._calls if channel == CALL else self._messages
        found = _try(kind(_in_path(provider_id)).fetch)
        return str(found.status), str(getattr(found, "error_code", None) or "")

    def forget(self, provider_id: str, *, whole: bool) -> None:
        """POST an empty body, or DELETE the resource, which deletes its media too.

        https://www.twilio.com/docs/messaging/api/message-resource. What it no longer knows is forgotten.
        """
        kept = self._messages(_in_path(provider_id))
        try:
            is_gone = _try(kept.delete) if whole else not _try(lambda: kept.update(body="")).body
        except TransportError as error:
            if error.code != GONE:
                raise
        else:
            if not is_gone:
                raise TransportError("bad_answer", permanent=False)


def _client(account: Account, wire: Wire) -> Any:  # noqa: ANN401 - the client ships no types
    # A dictionary with something in it keeps the client from looking at the environment.
    return Client(account.sid, account.token, http_client=wire, environment={"TWILIO_EDGE": ""})


def _try(act: Callable[[], Made]) -> Made:
    try:
        return act()
    except TwilioException as error:
        raise _refused(error) from None
    except LaterError as error:
        code = _STATUS_CODES[error.status]
        raise TransportError(code, permanent=False, after_s=error.after_s) from None
    except requests.Timeout:
        raise TransportError("timeout", permanent=False) from None
    except OSError:
        # What `requests` raises is one, and so is a ca_file that is not there.
        raise TransportError("connection", permanent=False) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        # Not the provider's JSON. `from None` everywhere: the cause may quote a number.
        raise TransportError("bad_answer", permanent=False) from None


def _refused(error: TwilioException) -> TransportError:
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    known = str(code) if code and code != status else _STATUS_CODES.get(status or 0, str(status))
    return TransportError(known, permanent=fault_of(known).permanent)


def _in_path(provider_id: str) -> str:
    """Not every company's ids are letters and digits; the client puts them into addresses as they are."""
    return quote(provider_id, safe="")


def _sid(made: Any) -> str:  # noqa: ANN401 - the client ships no types
    if not isinstance(made.sid, str):
        raise TypeError("an answer without an id")
    return made.sid


def _sent(found: Any) -> SentText:  # noqa: ANN401 - the client ships no types
    return SentText(_sid(found), str(found.body or ""), str(found.status), _moment(found.date_created))


def _text(found: Any) -> InboundText:  # noqa: ANN401 - the client ships no types
    return InboundText(_sid(found), str(found.from_), str(found.body or ""), _moment(found.date_sent))


def _moment(at: datetime | None) -> int:
    return round(at.timestamp() * 1000) if at else 0
