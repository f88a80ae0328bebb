"""The case view: who is in danger, what was said, why it was scored so, and what to do next."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from casework import offering
from casework.forms import ReplyForm
from casework.inbox import is_overdue
from casework.opening import OpenedCase, look, note_opened
from casework.prompts import prompts
from casework.render import member_view
from casework.thread import language_of
from casework.times import age, moment
from casework.visit import Visit


def show(visit: Visit, reference: str) -> ResponseReturnValue:
    return render_case(
        visit, look(visit, reference), ReplyForm(formdata=None), notice=request.args.get("notice", "")
    )


def render_case(
    visit: Visit,
    opened: OpenedCase,
    form: ReplyForm,
    *,
    status: int = 200,
    notice: str = "",
    problem: str = "",
    texts: int = 0,
) -> Response:
    """The whole case with ``form`` as it is, noted as opened before it is shown.

    ``problem``: moved, altered or long (in ``texts`` texts).
    """
    note_opened(visit, opened)
    deps, report = visit.deps, opened.report
    spoken, first_words = prompts(language_of(opened.entries), visit.locale)
    return member_view(
        visit,
        "case",
        status=status,
        notice=notice,
        case=opened,
        report=report,
        school=deps.name_of(report.school),
        arrived=moment(report.arrived_minute, deps.zone_of(report.school), visit.locale),
        age=age(visit.now, report.arrived_minute),
        handing=offering.state_of(visit, opened),
        overdue=is_overdue(report, visit.now),
        form=form,
        problem=problem,
        texts=texts,
        prompts=first_words,
        prompt_language=spoken,
    )
