"""Where the carrier calls: texts to our numbers, digits pressed, states of deliveries."""

from flask import Response, abort, request
from sqlalchemy.orm import Session

from notify import incoming, webhooks
from notify.acknowledge import Result, by_digits
from notify.channels import CALL, PAGER, TEXT
from notify.incoming import Incoming, Taken
from notify.pins import TRIES
from notify.webhooks import About
from reporting.deps import PublicDeps
from reporting.guard import Guard
from reporting.text_line import TextLine
from vault.keyed import number_key


class Carrier:
    """POST /carrier/…, each with a signature that is checked before anything else is looked at."""

    def __init__(self, deps: PublicDeps) -> None:
        self._deps = deps
        self._line = TextLine(deps)
        self._guard = Guard(deps.settings, deps.secrets, deps.wall, deps.alarm)

    def sms(self) -> Response:
        """A text came. Whatever comes to the line's number is a message from a reporter."""
        settings = self._deps.settings
        to = request.form.get("To", "")
        self._check(to)
        school = self._deps.schools.get(settings.lines.get(to, ""))
        if school is not None:
            said = self._line.take(school, request.form)
            return Response(status=503) if said is None else self._answer(said)
        sender = settings.sender_of(to)
        if sender:
            return self._answer(self._acknowledge(sender))
        self._deps.alarm("text_to_foreign_number")
        return Response(status=404)

    def voice(self, attempt_id: str) -> Response:
        """Digits were pressed in the call ``attempt_id``, or none."""
        deps, form = self._deps, request.form
        second = deps.settings.second_number
        # Only those who call: the line's account may not say that a member pressed something.
        self._check(second if second and form.get("From") == second else deps.settings.pager_number)
        tried = request.args.get("tried", default=0, type=int) + 1
        secret = deps.secrets.responder_numbers

        def take(session: Session) -> Result:
            now, directory = deps.clock.now(session), deps.directories.current(session)
            return by_digits(session, now, directory, attempt_id, form.get("Digits", ""), secret)

        result = deps.database.insist(take)
        deps.intake.wake()
        again = f"{deps.settings.address}{request.path}" + (f"?tried={tried}" if result.pin else "")
        return _xml(webhooks.voice_answer(result, "" if result.pin and tried >= TRIES else again))

    def status(self, attempt_id: str = "") -> Response:
        """What became of a text or call of ours."""
        deps, form = self._deps, request.form
        sender = deps.settings.sender_of(form.get("From", ""))
        self._check(form.get("From", "") if sender else deps.settings.pager_number)
        sender = sender or PAGER
        text, call = form.get("MessageSid", ""), form.get("CallSid", "")
        about = About(text or call, TEXT if text else CALL, sender, attempt_id)
        state = form.get("MessageStatus") or form.get("CallStatus", "")
        error, other = form.get("ErrorCode", ""), bool(deps.settings.second_number)

        def take(session: Session) -> str:
            now = deps.clock.now(session)
            return webhooks.status(session, now, about, state, error, elsewhere=other)

        alarm = deps.database.insist(take)
        deps.intake.wake()
        if alarm:
            deps.alarm(alarm)
        return Response(status=204)

    def _acknowledge(self, sender: str) -> str:
        deps, form = self._deps, request.form
        phone = number_key(deps.secrets.responder_numbers, form.get("From", ""))
        sid = form.get("MessageSid", "")
        given = Incoming(sender, sid, phone, form.get("Body", ""), form.get("OptOutType", ""))

        def take(session: Session) -> Taken:
            now, directory = deps.clock.now(session), deps.directories.current(session)
            # Noted, so that the pager, which asks the carrier too, passes over it.
            first = incoming.take_once(session, now, deps.secrets.responder_numbers, sender, sid)
            return incoming.take(session, now, directory, given, first=first)

        taken = deps.database.insist(take)
        deps.intake.wake()
        if taken.alarm:
            deps.alarm(taken.alarm)
        return taken.answer

    def _answer(self, said: str) -> Response:
        return _xml(webhooks.text_xml(said, f"{self._deps.settings.address}/carrier/status"))

    def _check(self, number: str) -> None:
        """403 unless the account of ``number`` signed this request."""
        query = request.query_string.decode("latin-1")
        target = request.path + (f"?{query}" if query else "")
        if not self._guard.admits(
            number, target, request.form, request.headers.get("X-Twilio-Signature", "")
        ):
            abort(403)


def _xml(answer: str) -> Response:
    return Response(answer, mimetype="text/xml")
