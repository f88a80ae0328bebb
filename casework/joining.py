"""The way in for somebody with an invitation: they choose a password; keys are made that only it opens."""

from flask import Response
from flask.typing import ResponseReturnValue

from casework.credentials import slowed
from casework.deps import StaffDeps
from casework.forms import JoinForm
from casework.render import guest_view
from casework.sign_in import guest_locale
from vault import admission, audit, invitations, passwords


def show(deps: StaffDeps) -> ResponseReturnValue:
    return _view(deps, JoinForm(formdata=None))


def submit(deps: StaffDeps) -> ResponseReturnValue:
    """Make the keys. The words that the answer shows are read to a member, who compares them."""
    form = JoinForm()
    if not form.validate_on_submit():
        return _view(deps, form, status=400)
    with deps.database.reading() as session:
        now = deps.clock.now(session)
        row = None if slowed(deps, now, "join") else invitations.find(session, now, form.code.data)
    if row is None:
        return _view(deps, form, status=400, problem="unknown")
    if weak := passwords.weakness(form.new.data, (row.login, row.name)):
        return _view(deps, form, status=400, problem=weak)
    made = invitations.make_keys(row.member_id, form.new.data)
    with deps.database.writing() as session:
        if not invitations.accept(session, now, form.code.data, made):
            return _view(deps, form, status=400, problem="unknown")
        audit.record(session, now, actor=f"member:{row.member_id}", verb="keys_made")
    words = admission.key_words(row.member_id, made.sign_public, made.kem_public)
    return _view(deps, form, words=words, login=row.login)


def _view(
    deps: StaffDeps,
    form: JoinForm,
    *,
    status: int = 200,
    problem: str = "",
    words: tuple[str, ...] = (),
    login: str = "",
) -> Response:
    return guest_view(
        deps, "join", guest_locale(), status=status, form=form, problem=problem, words=words, login=login
    )
