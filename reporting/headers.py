"""What every public answer says to the browser: keep nothing, tell nobody, run nothing but our own words."""

import base64
import hashlib

from flask import Response, request

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


def protect(response: Response) -> Response:
    """Add the headers. There is no cookie to protect: the public side sets none."""
    response.headers.extend(HEADERS)
    if request.endpoint == "form" and request.method == "GET":
        response.headers["Cache-Control"] = THE_FORM
    return response
