"""Answering a reporter. Whatever goes wrong, the words somebody typed stay in the box."""

from typing import Final

from flask import Response
from flask.typing import ResponseReturnValue

from casework.case import render_case
from casework.forms import ReplyForm
from casework.opening import OpenedCase, look
from casework.prompts import filled
from casework.render import see_other
from casework.segments import segments
from casework.sending import send_reply
from casework.thread import language_of
from casework.visit import Visit
from vault.errors import BadKeyError, ThreadMovedError

MOST_TEXTS_UNASKED: Final = 2


def submit(visit: Visit, reference: str) -> ResponseReturnValue:
    opened = look(visit, reference)
    form = ReplyForm()
    text = (form.text.data or "").replace("\r\n", "\n").strip()
    if form.prompt.data:
        form.text.data = filled(text, form.prompt.data, language_of(opened.entries))
        return render_case(visit, opened, form)
    if not form.validate():
        return render_case(visit, opened, form, status=400)
    if _already_sent(opened, form, text):
        return _sent(opened)
    return _send(visit, opened, form, text)


def _send(visit: Visit, opened: OpenedCase, form: ReplyForm, text: str) -> Response:
    if form.seen.data != opened.seen:
        return render_case(visit, opened, form, status=409, problem="moved")
    texts = segments(text) if opened.phone == "texts" else 0
    if texts > MOST_TEXTS_UNASKED and not form.anyway.data:
        return render_case(visit, opened, form, status=400, problem="long", texts=texts)
    try:
        send_reply(visit, opened, text)
    except ThreadMovedError:
        again = look(visit, opened.report.reference)
        return _sent(again) if _already_sent(again, form, text) else _moved(visit, again, form)
    except BadKeyError:
        return render_case(visit, opened, form, status=409, problem="altered")
    return _sent(opened)


def _already_sent(opened: OpenedCase, form: ReplyForm, text: str) -> bool:
    """A second click, or a reload of the sending: the same words by the same member, after what they saw."""
    replies = [entry for entry in opened.entries if entry.mine and not entry.facts]
    return any(entry.text == text and entry.seq >= form.seen.data for entry in replies)


def _moved(visit: Visit, opened: OpenedCase, form: ReplyForm) -> Response:
    return render_case(visit, opened, form, status=409, problem="moved")


def _sent(opened: OpenedCase) -> Response:
    return see_other(f"/case/{opened.report.reference}?notice=sent#latest")
