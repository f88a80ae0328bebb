"""The form: shown, sent, answered. Whatever goes wrong, what was typed is never lost."""

import logging
import secrets
from dataclasses import replace

from flask import Response, request

from reporting import nonce, token
from reporting.deps import PublicDeps
from reporting.draft import Draft, Filed
from reporting.errors import SpentNonceError
from reporting.fields import Fields, read_fields
from reporting.language import choose
from reporting.receipt import Receipt
from reporting.schools import School
from reporting.views import Views
from reporting.web_origin import WebOrigin
from templates.languages import OFFERED

log = logging.getLogger(__name__)
# How our own pages ask for a language, without reading all of an address.
_ASKED = {f"lang={one}".encode(): one for one in OFFERED}


class Form:
    """GET / and POST /."""

    def __init__(self, deps: PublicDeps, views: Views) -> None:
        self._deps = deps
        self._views = views

    def show(self) -> str:
        """The form with a fresh nonce. Asks no database, so that it is there when the database is not."""
        fresh = nonce.issue(self._deps.secrets.form, self._deps.wall())
        return self._views.empty_form(locale(), request.args.get("school", ""), fresh)

    def send(self) -> str | tuple[str, int]:
        """File what was sent and answer with its receipt; 503 only when nothing could be committed."""
        settings = self._deps.settings
        fields = read_fields(request.stream, settings.max_post_bytes, settings.max_text_bytes)
        school = self._school(fields)
        if not fields.text:
            return self._again(fields, "empty")
        if school is None:
            return self._again(fields, "school")
        try:
            filed = self._file(fields, school)
        except Exception as error:  # noqa: BLE001 - whatever failed, the reporter must hear it and keep the text
            return self._not_received(fields, error)
        return self._received(filed, school, cut=fields.cut)

    def _school(self, fields: Fields) -> School | None:
        schools = self._deps.schools
        if len(schools) == 1:
            return next(iter(schools.values()))
        return schools.get(fields.get("school"))

    def _file(self, fields: Fields, school: School) -> Filed:
        deps = self._deps
        known = nonce.read(deps.secrets.form, deps.wall(), fields.get("nonce"))
        draft = Draft(
            school=school,
            text=fields.text,
            locale=locale(),
            origin=self._origin(known or secrets.token_bytes(nonce.SIZE)),
            adult_concern=fields.get("adult") == "yes",
        )
        try:
            return deps.intake.file(draft)
        except SpentNonceError:
            return deps.intake.file(replace(draft, origin=self._origin(secrets.token_bytes(nonce.SIZE))))

    def _origin(self, value: bytes) -> WebOrigin:
        deps = self._deps
        return WebOrigin.of(
            Receipt.from_nonce(deps.secrets.form, value),
            pepper=deps.secrets.pepper,
            install=deps.install,
            from_form=True,
            window_minutes=deps.settings.receipt_minutes,
        )

    def _received(self, filed: Filed, school: School, *, cut: bool) -> str:
        receipt = filed.receipt
        sealed = token.seal(self._deps.secrets.form, self._deps.wall(), receipt) if receipt else ""
        return self._views.received(locale(), school, filed, sealed, cut=cut)

    def _again(self, fields: Fields, problem: str) -> str:
        """The form with what was typed. A good nonce stays, so that the same message is not filed twice."""
        deps = self._deps
        kept = fields.get("nonce")
        if nonce.read(deps.secrets.form, deps.wall(), kept) is None:
            kept = nonce.issue(deps.secrets.form, deps.wall())
        return self._views.form(
            locale(),
            fields.get("school"),
            nonce=kept,
            text=fields.text,
            adult=fields.get("adult") == "yes",
            problem=problem,
        )

    def _not_received(self, fields: Fields, error: Exception) -> tuple[str, int]:
        log.error("a message could not be stored: %s", type(error).__name__)
        self._deps.alarm("intake_cannot_commit")
        return self._again(fields, "not_stored"), 503


def locale() -> str:
    """The language of this request."""
    asked = _ASKED.get(request.query_string) or request.args.get("lang")
    return choose(asked, "" if asked in OFFERED else request.headers.get("Accept-Language", ""))


def leave(exit_url: str) -> Response:
    """Away to a neutral page at once."""
    response = Response(status=303)
    response.headers["Location"] = exit_url
    return response
