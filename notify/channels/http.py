"""The wire under the provider's own client: our timeouts, our address, connections that stay open, no log.

The client's own wire logs addresses and waits for ever; a page has two and a half seconds.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Timeout

from notify.channels.within import Within

THEIR_ADDRESS = "https://api.twilio.com"
CONNECT_S = 1.0
# Who asks for more than this is asked again all the same: a page may not sleep for long.
LONGEST_AFTER_S = 300.0
# RFC 9110, 10.2.3: with these, Retry-After says when to come again.
_BUSY = (429, 503)


class LaterError(requests.RequestException):
    """The provider asks to be left alone for ``after_s``."""

    def __init__(self, status: int, after_s: float) -> None:
        super().__init__("later")
        self.status = status
        self.after_s = after_s


@dataclass(frozen=True)
class Answer:
    """What the provider's client reads of an answer."""

    status_code: int
    text: str
    content: bytes
    headers: Mapping[str, str]


class Wire:
    """Sends requests of the provider's client to ``base_address``, within ``timeout_s`` each, in all.

    ``ca_file`` vouches for it; where that is empty, those whom browsers trust.
    urllib3 sets TCP_NODELAY on every connection: without it a call costs some 40 ms more.
    """

    def __init__(self, base_address: str, timeout_s: float, connections: int, ca_file: str = "") -> None:
        self._base = base_address.rstrip("/")
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._within = Within(connections, "carrier")
        # Neither a proxy nor a .netrc of the environment: where pages go is configuration.
        self._session.trust_env = False
        self._session.verify = ca_file or True
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=connections))

    def request(  # noqa: PLR0913 - the provider's client calls it with these
        self,
        method: str,
        uri: str,
        *,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Answer:
        """One request; raises requests.RequestException, LaterError too. Time and redirects are ours."""
        del timeout, allow_redirects
        url = uri.replace(THEIR_ADDRESS, self._base, 1)
        request = requests.Request(method, url, dict(headers or {}), data=data, params=params, auth=auth)
        prepared = self._session.prepare_request(request)
        try:
            response = self._within.do(self._timeout_s, lambda: self._send(prepared))
        except TimeoutError:
            raise requests.Timeout from None
        after_s = _after_s(response.headers.get("Retry-After", ""))
        if after_s and response.status_code in _BUSY:
            raise LaterError(response.status_code, after_s)
        return Answer(response.status_code, response.text, response.content, response.headers)

    def _send(self, prepared: requests.PreparedRequest) -> requests.Response:
        began = time.monotonic()
        try:
            return self._once(prepared, self._timeout_s)
        except requests.Timeout:
            raise
        except requests.ConnectionError:
            # Most often a kept connection that the other side closed. A duplicate beats a loss.
            left = self._timeout_s - (time.monotonic() - began)
            if left < CONNECT_S:
                raise
            return self._once(prepared, left)

    def _once(self, prepared: requests.PreparedRequest, seconds: float) -> requests.Response:
        limit = Timeout(total=seconds, connect=CONNECT_S)
        return self._session.send(prepared, timeout=limit, allow_redirects=False)  # type: ignore[arg-type]


def _after_s(said: str) -> float:
    """Seconds of a ``Retry-After`` (seconds or a date), at most five minutes; 0 where it says nothing."""
    try:
        seconds = float(said) if said.strip().isdigit() else _until(said)
    except (TypeError, ValueError):
        return 0
    return min(max(seconds, 0), LONGEST_AFTER_S)


def _until(said: str) -> float:
    return parsedate_to_datetime(said).timestamp() - time.time()
