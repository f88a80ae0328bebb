"""What every public answer says to the browser: keep nothing, tell nobody, run nothing but our own words."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from reporting.views import SCRIPT, STYLE


def _hash(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src {_hash(STYLE)}",
        f"script-src {_hash(SCRIPT)}",
        "img-src data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


# Back must show the same form, so that sending it again files nothing twice and gives the same receipt.
# What may not be stored at all is fetched anew, with a new nonce; a new visit asks anew all the same.
THE_FORM = "private, no-cache"


_OF_THE_FORM = [*{**HEADERS, "Cache-Control": THE_FORM}.items()]
_OF_ALL_ELSE = [*HEADERS.items()]


def protect(app: WSGIApplication) -> WSGIApplication:
    """``app`` with the headers on all it answers. There is no cookie to protect: the public side sets none.

    Around the application, not a hook in it: no answer goes past, and none pays for what is always the same.
    """

    def protected(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_form = environ["PATH_INFO"] == "/" and environ["REQUEST_METHOD"] == "GET"
        ours = _OF_THE_FORM if is_form else _OF_ALL_ELSE

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - WSGI's own
            return start_response(status, headers + ours, *error)

        return app(environ, start)

    return protected
