"""What somebody sees when it does not work: no content, no cause, what to do next, and their own words back.

The log gets the kind of error and the places in our code, never its message: messages can quote data.
"""

import logging
import traceback
from typing import Final

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from casework.access import current_visit
from casework.deps import StaffDeps
from casework.errors import NoSuchCaseError
from casework.render import guest_view
from casework.sign_in import guest_locale

_WORDED: Final = frozenset({400, 403, 404, 405, 413, 421, 500, 503})
_log = logging.getLogger(__name__)


def register(app: Flask, deps: StaffDeps) -> None:
    """Every error of ``app`` gets one of our views."""

    def refuse(error: Exception) -> Response:
        status = _status(error)
        if status in {500, 503}:
            _note(error)
        return _view(deps, status, stale=isinstance(error, CSRFError))

    app.register_error_handler(Exception, refuse)


def _status(error: Exception) -> int:
    match error:
        case HTTPException(code=int(code)):
            return code
        case NoSuchCaseError():
            return 404
        case OperationalError():
            return 503
        case _:
            return 500


def _view(deps: StaffDeps, status: int, *, stale: bool) -> Response:
    visit = current_visit()
    locale = visit.locale if visit else guest_locale()
    kind = "stale" if stale else str(status if status in _WORDED else 400)
    kept = "" if status in {413, 421} else request.form.get("text", "")
    return guest_view(deps, "refused", locale, status=status, kind=kind, kept=kept)


def _note(error: Exception) -> None:
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
    _log.error("request failed: %s at %s", type(error).__name__, " > ".join(places))
