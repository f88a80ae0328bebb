"""Signing in and out. The password unlocks the member's keys; a cookie alone brings them back."""

import re
from typing import Final, Literal

from flask import Response, g, request
from flask import session as form_session
from flask.typing import ResponseReturnValue

from casework import known_browser
from casework.credentials import Slowed, Unlocked, judge, spend
from casework.deps import StaffDeps
from casework.forms import SignInForm
from casework.render import guest_view, see_other
from casework.visit import Visit
from templates.words import DEFAULT_LOCALE, LOCALES
from vault import audit, sessions
from vault.errors import WrongPasswordError

# Only our own views, so that a crafted address cannot send a member elsewhere after signing in.
_OUR_VIEWS: Final = re.compile(r"/(account|people|ways|case/[A-Z0-9-]{1,20}(/close)?)?")


def show(deps: StaffDeps) -> ResponseReturnValue:
    form = SignInForm(formdata=None, back=_ours(request.args.get("back", "")))
    return _view(deps, form, notice=request.args.get("notice", ""))


def submit(deps: StaffDeps) -> ResponseReturnValue:
    """Check login, password and code. Wrong ones get one answer, whichever of them was wrong."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _view(deps, form, status=400)
    try:
        found = judge(deps, form.login.data, form.password.data, form.code.data or "")
        return _wait(deps, form, found) if isinstance(found, Slowed) else _start(deps, found, form)
    except WrongPasswordError:
        _note_failure(deps)
        return _view(deps, form, status=401, problem="wrong")


def sign_out(visit: Visit) -> ResponseReturnValue:
    settings = visit.deps.settings
    with visit.deps.database.writing() as session:
        sessions.end(session, request.cookies[settings.cookie_name])
        audit.record(session, visit.now, actor=visit.actor, verb="signed_out")
    _forget_forms()
    answer = see_other("/sign-in?notice=signed_out")
    answer.delete_cookie(
        settings.cookie_name, secure=not settings.loopback_demo, httponly=True, samesite="Strict"
    )
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def ask(deps: StaffDeps) -> ResponseReturnValue:
    """The session is over or never was. What somebody was typing comes back after they sign in."""
    if request.method == "GET":
        back = _ours(request.path)
        return see_other(f"/sign-in?back={back}" if back != "/" else "/sign-in")
    back = _ours(request.path.removesuffix("/reply"))
    form = SignInForm(formdata=None, back=back, draft=request.form.get("text", ""))
    return _view(deps, form, status=401, problem="ended")


def guest_locale() -> str:
    return request.accept_languages.best_match(LOCALES) or DEFAULT_LOCALE


def _start(deps: StaffDeps, found: Unlocked, form: SignInForm) -> Response:
    member = found.member
    with deps.database.writing() as session:
        now = deps.clock.now(session)
        spend(session, found)
        sessions.end_expired(session, now, deps.settings.idle_ms, deps.settings.absolute_ms)
        sessions.end(session, request.cookies.get(deps.settings.cookie_name, ""))
        cookie = sessions.start(session, now, member.id, found.seed)
        audit.record(session, now, actor=f"member:{member.id}", verb="signed_in")
    _forget_forms()
    answer = _go_on(deps, member.locale, _ours(form.back.data or ""), form.draft.data or "")
    secure = not deps.settings.loopback_demo
    answer.set_cookie(
        deps.settings.cookie_name, cookie, secure=secure, httponly=True, samesite="Strict", path="/"
    )
    known_browser.remember(deps, member, answer)
    return answer


def _wait(deps: StaffDeps, form: SignInForm, slowed: Slowed) -> Response:
    """Too many wrong tries from there: this one was not even looked at."""
    answer = _view(deps, form, status=429, problem="slowed", seconds=slowed.seconds)
    answer.headers["Retry-After"] = str(slowed.seconds)
    return answer


def _go_on(deps: StaffDeps, locale: str, back: str, draft: str) -> Response:
    """Where they wanted to go. A kept reply travels in the view's body; address and cookie would leak it."""
    if draft and back.startswith("/case/"):
        return guest_view(deps, "kept", locale, back=back, draft=draft)
    return see_other(back)


def _forget_forms() -> None:
    """Tokens of forms shown before this moment are void."""
    form_session.clear()
    g.pop("csrf_token", None)


def _note_failure(deps: StaffDeps) -> None:
    with deps.database.writing() as session:
        audit.record(session, deps.clock.now(session), actor="unknown", verb="sign_in_refused")


def _view(
    deps: StaffDeps,
    form: SignInForm,
    *,
    status: int = 200,
    notice: str = "",
    problem: Literal["", "wrong", "slowed", "ended"] = "",
    seconds: int = 0,
) -> Response:
    return guest_view(
        deps,
        "sign_in",
        guest_locale(),
        status=status,
        notice=notice,
        form=form,
        problem=problem,
        seconds=seconds,
    )


def _ours(path: str) -> str:
    return path if _OUR_VIEWS.fullmatch(path) else "/"
