"""Who may reach which route: one declared rule for each, and no route without one.

The guard runs before every request and refuses what it does not know, so that a forgotten rule closes a
door instead of opening one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from flask import Response, abort, g, request
from flask.typing import ResponseReturnValue

from casework import visit as visits
from casework.deps import StaffDeps
from casework.renewal import renewed
from casework.visit import Visit


class Access(StrEnum):
    """``MEMBER`` has a second factor where the install requires one; ``SIGNED_IN`` may still lack it."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    MEMBER = "member"


@dataclass(frozen=True)
class Route:
    """One address. ``view`` takes the deps (anyone) or the visit (others), then the parts of the path."""

    path: str
    view: Callable[..., ResponseReturnValue]
    access: Access
    methods: tuple[str, ...] = ("GET",)

    @property
    def endpoint(self) -> str:
        return f"{self.view.__module__.rpartition('.')[2]}.{self.view.__name__}"


def guard(
    deps: StaffDeps,
    rules: Mapping[str, Access],
    ask_to_sign_in: Callable[[StaffDeps], ResponseReturnValue],
) -> ResponseReturnValue | None:
    """Let the request through (None), or answer it here. Leaves a member's visit in ``flask.g``."""
    if request.endpoint is None:
        return None
    access = rules.get(request.endpoint)
    if access is None:
        abort(403)
    if access is Access.ANYONE:
        return None
    cookie = request.cookies.get(deps.settings.cookie_name, "")
    found = visits.resume(deps, cookie, counts_as_activity="refreshed" not in request.args)
    if found is None:
        return ask_to_sign_in(deps)
    g.visit = found
    if access is Access.SIGNED_IN or (refused := _ask_for_second_factor(found)) is None:
        g.visit = renewed(found)
        return None
    return refused


def _ask_for_second_factor(visit: Visit) -> ResponseReturnValue | None:
    """Where the install requires one, nothing is shown to a member before they have set it up."""
    lacking = visit.member.sealed_totp is None and visit.deps.settings.second_factor == "required"
    return Response(status=303, headers={"Location": "/account"}) if lacking else None


def current_visit() -> Visit | None:
    """The visit that the guard let in, if this route asked for one."""
    return cast("Visit | None", g.get("visit"))
