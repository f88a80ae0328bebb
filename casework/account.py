"""A member's own account: their password and their second factor. Each change asks for the password again."""

import base64
import binascii
from typing import Final

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy import update

from casework.credentials import confirm
from casework.forms import FactorForm, PasswordForm
from casework.render import member_view, see_other
from casework.visit import Visit
from vault import admission, audit, members, passwords, second_factor, sessions
from vault.errors import WrongPasswordError
from vault.members import wrap_seed
from vault.people_tables import Member

_ISSUER: Final = "Tipline"


def show(visit: Visit) -> ResponseReturnValue:
    return _view(visit)


def change_password(visit: Visit) -> ResponseReturnValue:
    """Wrap the member's keys under a new password and sign out everywhere, here too."""
    form = PasswordForm()
    if not form.validate():
        return _view(visit, form, status=400)
    known = (visit.member.login, visit.member.name, *(school.name for school in visit.deps.schools.values()))
    if weak := passwords.weakness(form.new.data, known):
        return _view(visit, form, status=400, problem=weak)
    seed = confirm(visit.deps, visit.now, visit.member, form.password.data)
    if seed is None:
        return _view(visit, form, status=400, problem="wrong")
    wrapped = wrap_seed(seed, form.new.data, owner=visit.member.id)
    with visit.deps.database.writing() as session:
        if not members.rewrap(session, visit.member, wrapped):
            raise WrongPasswordError("the account was changed meanwhile")
        sessions.end_all(session, visit.member.id)
        audit.record(session, visit.now, actor=visit.actor, verb="password_changed")
    return see_other("/sign-in?notice=password_changed")


def set_second_factor(visit: Visit) -> ResponseReturnValue:
    """Begin to ask for an app's codes, once one was typed right; without a secret: stop asking."""
    form = FactorForm()
    if not form.validate():
        return _view(visit, form, status=400)
    seed = confirm(visit.deps, visit.now, visit.member, form.password.data)
    if seed is None:
        return _view(visit, form, status=400, problem="wrong")
    if not form.secret.data:
        return _remove(visit)
    secret = _secret(form.secret.data)
    step = second_factor.step_of(secret, form.code.data or "", visit.now) if secret else None
    if step is None:
        return _view(visit, form, status=400, problem="code")
    _store(visit, second_factor.seal_secret(secret, seed, visit.member.id), step, "second_factor_set")
    return see_other("/account?notice=factor_set")


def _remove(visit: Visit) -> Response:
    if visit.deps.settings.second_factor == "required":
        return _view(visit, status=400, problem="required")
    _store(visit, None, None, "second_factor_removed")
    return see_other("/account?notice=factor_removed")


def _store(visit: Visit, sealed: bytes | None, step: int | None, verb: str) -> None:
    row = update(Member).where(Member.id == visit.member.id)
    with visit.deps.database.writing() as session:
        session.execute(row.values(sealed_totp=sealed, totp_step=step))
        audit.record(session, visit.now, actor=visit.actor, verb=verb)


def _view(visit: Visit, form: FlaskForm | None = None, *, status: int = 200, problem: str = "") -> Response:
    """The form that was sent keeps its complaints; the app's secret stays the same until it is set."""
    factor = form if isinstance(form, FactorForm) else FactorForm(formdata=None)
    secret = _secret(factor.secret.data or "") or second_factor.new_secret()
    return member_view(
        visit,
        "account",
        status=status,
        notice=request.args.get("notice", ""),
        password=form if isinstance(form, PasswordForm) else PasswordForm(formdata=None),
        factor=factor,
        problem=problem,
        has_factor=visit.member.sealed_totp is not None,
        required=visit.deps.settings.second_factor == "required",
        secret=base64.b32encode(secret).decode(),
        words=admission.words_of(visit.directory, visit.member.id),
        picture=_picture(secret, visit.member.login),
    )


def _picture(secret: bytes, login: str) -> Markup:
    """What the app's camera reads, drawn into the view itself: no address ever holds the secret."""
    # SHA-1 as in vault.second_factor: the one that every authenticator knows.
    code = TOTP(secret, second_factor.DIGITS, SHA1(), second_factor.STEP_MS // 1000)  # noqa: S303
    drawn = segno.make(code.get_provisioning_uri(login, _ISSUER), micro=False)
    return Markup(drawn.svg_inline(scale=5, border=4, light="#fff"))  # noqa: S704 - of our own making


def _secret(typed: str) -> bytes:
    """The secret that the form carried; nothing for anything else."""
    try:
        secret = base64.b32decode(typed)
    except binascii.Error:
        return b""
    return secret if len(secret) == second_factor.SECRET_BYTES else b""
