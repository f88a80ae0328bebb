"""Shifts for calendar programs. The address is the secret: no sign-in, no cookie, nothing but shifts."""

from flask import Response, abort
from flask.typing import ResponseReturnValue

from casework.deps import StaffDeps
from notify import feeds


def show(deps: StaffDeps, token: str) -> ResponseReturnValue:
    """The calendar; 404 for an address that was never given out, or was taken back."""
    with deps.database.reading() as session:
        found = feeds.calendar_of(session, deps.clock.now(session), token)
    if found is None:
        abort(404)
    return Response(found, content_type="text/calendar; charset=utf-8")
