"""What every answer carries, and under which names this application answers at all."""

from typing import Final

from flask import Response, abort, request

from casework.settings import StaffSettings

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
_ONE_YEAR: Final = "max-age=31536000"


def refuse_public_hosts(settings: StaffSettings) -> None:
    """421 for a request that came in under the public form's name: nobody finds the staff side there."""
    # A name may end in a dot, before its port too: to browsers and DNS it is the same name.
    host = f"{request.host.lower()}:".replace(".:", ":").removesuffix(":")
    if not settings.public_hosts.isdisjoint({host, host.rpartition(":")[0] or host}):
        abort(421)


def protect(response: Response, settings: StaffSettings) -> Response:
    """Nothing is cached, framed, scripted or fetched from elsewhere."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    if not settings.loopback_demo:
        response.headers["Strict-Transport-Security"] = _ONE_YEAR
    return response
