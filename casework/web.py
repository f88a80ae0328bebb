"""The staff application: its addresses, each with its access rule, and the frame around every request."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Final

from flask import Flask, Response, g
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError

from casework import (
    account,
    acknowledge,
    calendars,
    case,
    disposition,
    drills,
    headers,
    inbox,
    joining,
    number,
    offering,
    pages,
    people,
    refusals,
    reply,
    routing,
    shifts,
    sign_in,
    taking,
    ways,
)
from casework.access import Access, Route, guard
from casework.deps import StaffDeps

_LARGEST_POST: Final = 200_000


def healthz(deps: StaffDeps) -> ResponseReturnValue:
    """Alive. Asks nothing else, so that a slow database does not get this process killed."""
    del deps
    return Response("ok\n", content_type="text/plain; charset=utf-8")


def readyz(deps: StaffDeps) -> ResponseReturnValue:
    """200 while the database answers and pages leave, else 503. For monitors; views are served either way."""
    try:
        found = (503, "paging is impaired\n") if deps.paging_impaired() else (200, "ready\n")
    except SQLAlchemyError:
        found = 503, "no database\n"
    return Response(found[1], found[0], content_type="text/plain; charset=utf-8")


ROUTES: Final = (
    Route("/healthz", healthz, Access.ANYONE),
    Route("/readyz", readyz, Access.ANYONE),
    Route("/calendar/<token>.ics", shifts.show, Access.ANYONE),
    Route("/sign-in", sign_in.show, Access.ANYONE),
    Route("/sign-in", sign_in.submit, Access.ANYONE, ("POST",)),
    Route("/sign-out", sign_in.sign_out, Access.SIGNED_IN, ("POST",)),
    Route("/join", joining.show, Access.ANYONE),
    Route("/join", joining.submit, Access.ANYONE, ("POST",)),
    Route("/account", account.show, Access.SIGNED_IN),
    Route("/account/password", account.change_password, Access.SIGNED_IN, ("POST",)),
    Route("/account/second-factor", account.set_second_factor, Access.SIGNED_IN, ("POST",)),
    Route("/", inbox.show, Access.MEMBER),
    Route("/people", people.show, Access.MEMBER),
    Route("/ways", ways.show, Access.MEMBER),
    Route("/ways/test", ways.test, Access.MEMBER, ("POST",)),
    Route("/ways/ask", ways.ask, Access.MEMBER, ("POST",)),
    Route("/ways/calendar", calendars.renew, Access.MEMBER, ("POST",)),
    Route("/ways/calendar/end", calendars.end, Access.MEMBER, ("POST",)),
    Route("/people/let-in", people.let_in, Access.MEMBER, ("POST",)),
    Route("/people/confirm", people.confirm, Access.MEMBER, ("POST",)),
    Route("/people/take-out", people.take_out, Access.MEMBER, ("POST",)),
    Route("/case/<reference>", case.show, Access.MEMBER),
    Route("/case/<reference>/reply", reply.submit, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/close", disposition.ask, Access.MEMBER),
    Route("/case/<reference>/close", disposition.close, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/reopen", disposition.reopen, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/route", routing.ask, Access.MEMBER),
    Route("/case/<reference>/route", routing.submit, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/offer", offering.ask, Access.MEMBER),
    Route("/case/<reference>/offer", offering.submit, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/offer/accept", offering.accept, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/offer/decline", offering.decline, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/offer/withdraw", offering.withdraw, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/take-over", taking.ask, Access.MEMBER),
    Route("/case/<reference>/take-over", taking.submit, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/number", number.show, Access.MEMBER),
    Route("/case/<reference>/number", number.ask, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/number/approve", number.approve, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/number/alone", number.alone, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/number/reveal", number.reveal, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/number/review", number.review, Access.MEMBER, ("POST",)),
    Route("/case/<reference>/pages", pages.of_case, Access.MEMBER),
    Route("/drills", drills.show, Access.MEMBER),
    Route("/drills/start", drills.ask, Access.MEMBER),
    Route("/drills/start", drills.start, Access.MEMBER, ("POST",)),
    Route("/drill/<drill_id>", drills.result, Access.MEMBER),
    Route("/pages", pages.show, Access.MEMBER),
    Route("/page/<page_id>/proof", pages.proof, Access.MEMBER),
    Route("/page/<page_id>/proof.json", pages.proof_json, Access.MEMBER),
    Route("/page/<page_id>/proof.pdf", pages.proof_pdf, Access.MEMBER),
    Route("/page/<page_id>/acknowledge", acknowledge.submit, Access.MEMBER, ("POST",)),
)
ACCESS: Final = {route.endpoint: route.access for route in ROUTES} | {"static": Access.ANYONE}


def staff_app(deps: StaffDeps) -> Flask:
    """The WSGI application of the staff process."""
    app = Flask("casework", static_folder="static", template_folder=None)
    _configure(app, deps)
    app.before_request(partial(headers.refuse_public_hosts, deps.settings))
    app.before_request(partial(guard, deps, ACCESS, sign_in.ask))
    CSRFProtect(app)
    for route in ROUTES:
        app.add_url_rule(route.path, route.endpoint, _bound(deps, route), methods=[*route.methods])
    app.after_request(partial(headers.protect, settings=deps.settings))
    refusals.register(app, deps)
    return app


def _bound(deps: StaffDeps, route: Route) -> Callable[..., ResponseReturnValue]:
    """The view as Flask calls it: given the deps, or the visit that the guard let in."""

    @wraps(route.view)
    def view(**parts: str) -> ResponseReturnValue:
        return route.view(deps if route.access is Access.ANYONE else g.visit, **parts)

    return view


def _configure(app: Flask, deps: StaffDeps) -> None:
    settings = deps.settings
    app.config.update(
        SECRET_KEY=deps.form_secret,
        SESSION_COOKIE_NAME=settings.form_cookie_name,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=not settings.loopback_demo,
        MAX_CONTENT_LENGTH=_LARGEST_POST,
        MAX_FORM_MEMORY_SIZE=_LARGEST_POST,
        # A form lives as long as the sign-in: nobody's long reply is refused for having taken an hour.
        WTF_CSRF_TIME_LIMIT=None,
        # The referrer check guards against planted cookies; __Host- forbids those, and a browser that
        # sends no referrer must not lock a counselor out.
        WTF_CSRF_SSL_STRICT=False,
    )
