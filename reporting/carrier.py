"""Where the carrier calls: texts to our two numbers, digits pressed, states of deliveries."""

import logging

from flask import Response, abort, request

from notify import webhooks
from notify.acknowledge import by_digits, by_text
from notify.inbound import take_once
from reporting.deps import PublicDeps
from reporting.signature import is_signed
from reporting.text_line import TextLine
from vault.keyed import number_key

log = logging.getLogger(__name__)


class Carrier:
    """POST /carrier/…, each with a signature that is checked before anything else is looked at."""

    def __init__(self, deps: PublicDeps) -> None:
        self._deps = deps
        self._line = TextLine(deps)

    def sms(self) -> Response:
        """A text came. Whatever comes to the line's number is a message from a reporter."""
        self._check()
        settings = self._deps.settings
        to = request.form.get("To", "")
        school = self._deps.schools.get(settings.lines.get(to, ""))
        if school is not None:
            said = self._line.take(school, request.form)
            return Response(status=503) if said is None else _xml(webhooks.text_xml(said))
        if to == settings.pager_number:
            return _xml(self._acknowledge())
        self._deps.alarm("text_to_foreign_number")
        return Response(status=404)

    def voice(self, attempt_id: str) -> Response:
        """A digit was pressed in the call ``attempt_id``, or none."""
        self._check()
        deps = self._deps
        with deps.database.writing() as session:
            now, directory = deps.clock.now(session), deps.directories.current(session)
            result = by_digits(session, now, directory, attempt_id, request.form.get("Digits", ""))
        deps.intake.wake()
        return _xml(webhooks.voice_answer(result, deps.settings.address + request.path))

    def status(self, attempt_id: str = "") -> Response:
        """What became of a text or call of ours."""
        self._check()
        deps, form = self._deps, request.form
        provider_id = form.get("MessageSid") or form.get("CallSid", "")
        state = form.get("MessageStatus") or form.get("CallStatus", "")
        with deps.database.writing() as session:
            now = deps.clock.now(session)
            error = form.get("ErrorCode", "")
            alarm = webhooks.status(session, now, provider_id, state, error, attempt_id)
        deps.intake.wake()
        if alarm:
            deps.alarm(alarm)
        return Response(status=204)

    def _acknowledge(self) -> str:
        deps, form = self._deps, request.form
        phone = number_key(deps.secrets.responder_numbers, form.get("From", ""))
        with deps.database.writing() as session:
            now, directory = deps.clock.now(session), deps.directories.current(session)
            # So that the pager, which asks the carrier too, passes over it.
            take_once(session, now, deps.secrets.responder_numbers, form.get("MessageSid", ""))
            result = by_text(session, now, directory, phone, form.get("Body", ""))
        deps.intake.wake()
        return webhooks.text_answer(result)

    def _check(self) -> None:
        query = request.query_string.decode("latin-1")
        address = self._deps.settings.address + request.path + (f"?{query}" if query else "")
        signature = request.headers.get("X-Twilio-Signature", "")
        if not is_signed(self._deps.secrets.carrier_tokens, address, request.form, signature):
            log.warning("a webhook without the carrier's signature was refused")
            abort(403)


def _xml(answer: str) -> Response:
    return Response(answer, mimetype="text/xml")
