"""From a template's name to an answer: every view gets the same frame, none is built from strings."""

from dataclasses import dataclass
from typing import Final

from flask import Response, redirect
from flask_wtf.csrf import generate_csrf

from casework.calls import Asked, Call, asked_of, calls_for
from casework.deps import StaffDeps
from casework.visit import Visit
from templates import words

NOTICES: Final = frozenset(
    {
        "sent",
        "acknowledged",
        "one_more",
        "already",
        "not_yours",
        "cannot_open",
        "not_called",
        "over",
        "closed",
        "reopened",
        "signed_out",
        "password_changed",
        "factor_set",
        "factor_removed",
        "proposed",
        "let_in",
        "taken_out",
        "not_changed",
        "routed",
        "offered",
        "took_over",
        "declined",
        "offer_over",
        "call_first",
        "withdrawn",
        "not_asked",
        "not_theirs",
        "tested",
        "test_soon",
        "test_asked",
        "test_night",
        "calendar_ended",
        "weekly_test",
        "drill_too_soon",
    }
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every view: whose sign-in, what is wrong with the install, what waits for somebody."""

    name: str
    demo: bool
    impaired: bool
    alarm: bool
    calls: tuple[Call, ...]
    asked: tuple[Asked, ...] = ()
    refresh_s: int = 0


def member_view(
    visit: Visit, name: str, *, status: int = 200, refresh_s: int = 0, notice: str = "", **values: object
) -> Response:
    """A view for somebody signed in, in their language."""
    deps = visit.deps
    frame = Frame(
        name=visit.member.name,
        demo=deps.settings.loopback_demo,
        impaired=deps.paging_impaired(),
        alarm=visit.directory.alarm is not None,
        calls=calls_for(visit),
        asked=asked_of(visit),
        refresh_s=refresh_s,
    )
    return _respond(name, visit.locale, status, frame=frame, notice=known_notice(notice), **values)


def guest_view(
    deps: StaffDeps, name: str, locale: str, *, status: int = 200, notice: str = "", **values: object
) -> Response:
    """A view for somebody we do not know: nothing in it tells more than the sign-in view itself."""
    frame = Frame("", deps.settings.loopback_demo, impaired=False, alarm=False, calls=())
    return _respond(name, locale, status, frame=frame, notice=known_notice(notice), **values)


def see_other(path: str) -> Response:
    """Send the browser on with a GET, so that reload and Back never repeat an act."""
    answer = redirect(path, code=303)
    return Response(status=303, headers={"Location": answer.headers["Location"]})


def known_notice(notice: str) -> str:
    """``notice`` if it is one of ours: an address can choose among our sentences, never write one."""
    return notice if notice in NOTICES else ""


def _respond(name: str, locale: str, status: int, **values: object) -> Response:
    html = words.render(f"casework/{name}.html", locale, csrf=generate_csrf(), **values)
    return Response(html, status, content_type="text/html; charset=utf-8")
