"""A texter's number, behind glass: two members, a reason, one look. The team is told, in the thread."""

from collections.abc import Callable

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import NoSuchCaseError
from casework.forms import BASES, NumberForm
from casework.opening import OpenedCase, look
from casework.render import member_view, see_other
from casework.sending import seal, store, team_readers
from casework.visit import Visit
from vault import audit, number_requests
from vault.errors import CannotOpenError, ThreadMovedError
from vault.ids import new_id
from vault.number_requests import ALONE_AFTER_MS, VALID_MS, Asked
from vault.people_tables import Member
from vault.tables import NumberRequest, Texter
from vault.threads import Content


def show(visit: Visit, reference: str) -> ResponseReturnValue:
    return _view(visit, look(visit, reference))


def ask(visit: Visit, reference: str) -> ResponseReturnValue:
    """The first member: why, and on what ground."""
    opened, form = look(visit, reference), NumberForm()
    if not form.validate():
        return _view(visit, opened, form, status=400)
    facts = {"kind": "number_request", "basis": form.basis.data}

    def act(session: Session) -> None:
        texter = session.scalar(select(Texter).where(Texter.report_id == opened.report.id).limit(1))
        if texter is None or _current(session, visit, opened) is not None:
            raise ThreadMovedError("there is no number, or somebody asked already")
        row = NumberRequest(
            id=new_id(),
            report_id=opened.report.id,
            requester=visit.member.id,
            alone=False,
            sealed_number=bytes(texter.sealed_number),
            created_at=visit.now,
        )
        number_requests.ask(visit.keys.signer, Asked(visit.deps.install, opened.report, row))
        session.add(row)

    return _act(visit, opened, Content(form.reason.data, facts), "number_requested", act)


def approve(visit: Visit, reference: str) -> ResponseReturnValue:
    """The second member's yes."""
    opened = look(visit, reference)

    def act(session: Session) -> None:
        row = _open_request(session, visit, opened)
        if row.requester == visit.member.id:
            raise ThreadMovedError("somebody else must approve it")
        number_requests.approve(visit.keys.signer, Asked(visit.deps.install, opened.report, row))

    return _act(visit, opened, Content("", {"kind": "number_approved"}), "number_approved", act)


def alone(visit: Visit, reference: str) -> ResponseReturnValue:
    """Five minutes without a second member, on an immediate case that somebody has: one may act."""
    opened = look(visit, reference)

    def act(session: Session) -> None:
        row = _open_request(session, visit, opened)
        if row.requester != visit.member.id or not _may_go_alone(visit, opened, row):
            raise ThreadMovedError("not alone, or not yet")
        number_requests.go_alone(visit.keys.signer, Asked(visit.deps.install, opened.report, row))

    return _act(visit, opened, Content("", {"kind": "number_alone"}), "number_alone", act)


def reveal(visit: Visit, reference: str) -> ResponseReturnValue:
    """The one look. What was sealed is erased in the same transaction."""
    opened = look(visit, reference)
    sealed = seal(visit, opened, Content("", {"kind": "number_seen"}), team_readers(visit, opened))
    try:
        with visit.deps.database.writing() as session:
            row = _open_request(session, visit, opened, served=True)
            if row.requester != visit.member.id:
                raise NoSuchCaseError("another member's request")
            number = number_requests.look(visit.keys.kem, Asked(visit.deps.install, opened.report, row))
            row.seen_at = visit.now
            store(session, visit, sealed)
            _note(session, visit, opened, "number_seen")
    except (ThreadMovedError, CannotOpenError):
        return see_other(f"/case/{reference}/number?notice=not_changed")
    return _view(visit, look(visit, reference), number=number)


def review(visit: Visit, reference: str) -> ResponseReturnValue:
    """A second member looked at what one did alone."""
    opened = look(visit, reference)
    with visit.deps.database.writing() as session:
        for row in number_requests.unreviewed(session, [opened.report.id], visit.member.id):
            row.reviewer = visit.member.id
            _note(session, visit, opened, "number_reviewed")
    return see_other(f"/case/{reference}/number")


def _act(
    visit: Visit, opened: OpenedCase, content: Content, verb: str, act: Callable[[Session], None]
) -> ResponseReturnValue:
    """Do it, tell the team in the thread, and audit it: in one transaction."""
    sealed = seal(visit, opened, content, team_readers(visit, opened))
    path = f"/case/{opened.report.reference}/number"
    try:
        with visit.deps.database.writing() as session:
            act(session)
            store(session, visit, sealed)
            _note(session, visit, opened, verb)
    except ThreadMovedError:
        return see_other(f"{path}?notice=not_changed")
    visit.deps.waker.wake()
    return see_other(path)


def _note(session: Session, visit: Visit, opened: OpenedCase, verb: str) -> None:
    audit.record(session, visit.now, actor=visit.actor, verb=verb, pseudonym=opened.report.pseudonym)


def _current(session: Session, visit: Visit, opened: OpenedCase) -> NumberRequest | None:
    """The request that still counts, if there is one: an hour old at most, and not looked at yet."""
    rows = select(NumberRequest).where(
        NumberRequest.report_id == opened.report.id,
        NumberRequest.created_at > visit.now - VALID_MS,
        NumberRequest.seen_at.is_(None),
    )
    return session.scalars(rows.order_by(NumberRequest.created_at.desc())).first()


def _open_request(
    session: Session, visit: Visit, opened: OpenedCase, *, served: bool = False
) -> NumberRequest:
    row = _current(session, visit, opened)
    if row is None or (row.approval is not None) != served:
        raise ThreadMovedError("there is no such request any more")
    return row


def _may_go_alone(visit: Visit, opened: OpenedCase, row: NumberRequest) -> bool:
    late = visit.now - row.created_at >= ALONE_AFTER_MS
    return late and opened.report.urgency == "immediate" and bool(opened.owner)


def _view(
    visit: Visit,
    opened: OpenedCase,
    form: NumberForm | None = None,
    *,
    status: int = 200,
    number: str = "",
) -> Response:
    with visit.deps.database.reading() as session:
        row = _current(session, visit, opened)
        asker = session.get(Member, row.requester) if row else None
        others = number_requests.unreviewed(session, [opened.report.id], visit.member.id)
    return member_view(
        visit,
        "number",
        status=status,
        notice=request.args.get("notice", ""),
        case=opened,
        report=opened.report,
        form=form or NumberForm(formdata=None),
        bases=BASES,
        number=number,
        requested=row is not None,
        mine=row is not None and row.requester == visit.member.id,
        asker=asker.name if asker else "",
        approved=row is not None and row.approval is not None,
        ready=row is not None and row.sealed_view is not None,
        may_alone=row is not None and _may_go_alone(visit, opened, row),
        to_review=bool(others),
    )
