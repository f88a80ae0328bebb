"""The cookie of a browser that somebody signed in with before. It opens nothing: it only spares a wait.

A random name and a keyed hash that ties it to one member; in it is neither a login nor a key.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

from flask import Response, request

from casework.deps import StaffDeps
from vault.people_tables import Member

_SHAPE: Final = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})")
_DAYS_S: Final = 180 * 24 * 3600
_LABEL: Final = b"tipline/1/known-browser"


def name_of(deps: StaffDeps, member: Member | None) -> str:
    """This browser's name, if ``member`` signed in with it before; else empty."""
    found = _SHAPE.fullmatch(request.cookies.get(deps.settings.browser_cookie_name, ""))
    if found is None or member is None:
        return ""
    name, seal = found.groups()
    return name if hmac.compare_digest(seal, _seal(deps, name, member.id)) else ""


def remember(deps: StaffDeps, member: Member, answer: Response) -> None:
    """Know this browser from now on."""
    name = name_of(deps, member) or secrets.token_hex(16)
    answer.set_cookie(
        deps.settings.browser_cookie_name,
        f"{name}.{_seal(deps, name, member.id)}",
        max_age=_DAYS_S,
        secure=not deps.settings.loopback_demo,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def _seal(deps: StaffDeps, name: str, member_id: str) -> str:
    text = b"\0".join((_LABEL, name.encode(), member_id.encode()))
    return hmac.digest(deps.form_secret, text, hashlib.sha256).hex()
