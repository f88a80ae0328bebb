"""The line: a phone writes, the message is stored as the form's are, a short honest text answers."""

import logging

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from notify.stop_words import Wish, is_spanish, wish_of
from reporting.deps import PublicDeps
from reporting.draft import Draft, Filed
from reporting.schools import School
from reporting.text_answers import TextAnswers
from reporting.text_origin import TextOrigin, note_sid, sid_key
from vault.keyed import number_key
from vault.tables import Texter

log = logging.getLogger(__name__)

Fields = MultiDict[str, str]


class TextLine:
    """Takes the texts to our line's number. A phone's number is sealed before anything is kept."""

    def __init__(self, deps: PublicDeps) -> None:
        self._deps = deps

    def take(self, school: School, fields: Fields) -> str | None:
        """The text that answers; empty where none may be sent; None when the message could not be stored.

        A carrier that got no answer asks once more, or elsewhere; only then does it say ``ErrorCode``, and
        the phone is told that nothing was received.
        """
        answers = TextAnswers(school, self._deps.settings.site or self._deps.settings.address)
        try:
            return self._take(school, fields, answers)
        except Exception as error:  # noqa: BLE001 - whatever failed, the carrier or the phone must hear of it
            # No traceback: it could quote the text.
            log.error("a text could not be stored: %s", type(error).__name__)  # noqa: TRY400
            self._deps.alarm("intake_cannot_commit")
            return answers.not_received(school.languages[0]) if "ErrorCode" in fields else None

    def _take(self, school: School, fields: Fields, answers: TextAnswers) -> str:
        opt_out = fields.get("OptOutType", "")
        wish = wish_of(fields.get("Body", ""), opt_out)
        if wish in {Wish.BARE_STOP, Wish.START}:
            self._mark(school, fields, stopped=wish is Wish.BARE_STOP)
            locale = "es" if is_spanish(fields.get("Body", "")) else "en"
            said = answers.stopped(locale) if wish is Wish.BARE_STOP else answers.started(locale)
        else:
            filed = self._file(school, fields, stops=wish is Wish.STOP)
            said = self._answer(answers, filed, fields, wish)
        # The carrier's own opt-out service has answered already.
        return "" if opt_out else said

    def _file(self, school: School, fields: Fields, *, stops: bool) -> Filed:
        deps = self._deps
        number, sid = fields["From"], fields["MessageSid"]
        origin = TextOrigin.of(deps.secrets, deps.hours, number, sid, stops=stops)
        pictures = fields.get("NumMedia", "0")
        facts = {} if pictures in {"", "0"} else {"pictures_not_kept": pictures[:3]}
        return deps.intake.file(Draft(school, fields.get("Body", "").strip(), "", origin, facts=facts))

    def _answer(self, answers: TextAnswers, filed: Filed, fields: Fields, wish: Wish) -> str:
        body = fields.get("Body", "")
        if wish is Wish.STOP:
            return answers.stopped("es" if is_spanish(body) else "en")
        if self._is_stopped(answers.school, fields["From"]):
            return ""
        return answers.filed(filed, answers.locale_of(filed, body))

    def _is_stopped(self, school: School, number: str) -> bool:
        key = number_key(self._deps.secrets.reporter_numbers, number)
        with self._deps.database.reading() as session:
            texter = session.get(Texter, (key, school.id))
            return texter is not None and texter.stopped

    def _mark(self, school: School, fields: Fields, *, stopped: bool) -> None:
        """Note that a phone wants no answers, or wants them again. What comes twice changes nothing."""
        deps = self._deps
        key = number_key(deps.secrets.reporter_numbers, fields["From"])
        of_phone = update(Texter).where(Texter.number_key == key, Texter.school == school.id)
        sid = fields["MessageSid"]

        def mark(session: Session) -> None:
            note_sid(session, deps.clock.now(session), sid, sid_key(deps.secrets, sid))
            session.execute(of_phone.values(stopped=stopped))

        try:
            deps.database.insist(mark)
        except IntegrityError:
            log.info("a text came twice")
