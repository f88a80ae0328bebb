"""A reporter's way back: a receipt opens the thread; a sealed token carries it from step to step."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import request
from sqlalchemy.orm import Session

from reporting import retention, token
from reporting.deps import PublicDeps
from reporting.draft import Draft, Filed
from reporting.errors import NoThreadError, NotOurTokenError
from reporting.fields import Fields, read_fields
from reporting.flood import Flood
from reporting.form import locale
from reporting.intake import Directories
from reporting.receipt import Receipt
from reporting.schools import School
from reporting.views import SAFE, Step, Views
from reporting.web_origin import WebOrigin
from vault.clock import minute_of
from vault.errors import UnknownReportError
from vault.threads import RECEIPT, ThreadItem, open_found

log = logging.getLogger(__name__)
LONGEST_TIMES = 200

Answer = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class _SignKeys:
    """Asks the team directory only when there is a member's reply to check."""

    directories: Directories
    session: Session

    def reply_keys(self, member_id: str, school: str) -> tuple[Ed25519PublicKey, ...]:
        return self.directories.current(self.session).reply_keys(member_id, school)


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A thread as its receipt opens it. ``withdrawn``: its reporter took it back."""

    school: School
    receipt: Receipt
    items: Sequence[ThreadItem]
    origin: WebOrigin
    withdrawn: bool = False


class Thread:
    """GET /check, POST /thread and POST /thread/write. Nothing of a receipt is ever in an address."""

    def __init__(self, deps: PublicDeps, views: Views) -> None:
        self._deps = deps
        self._views = views
        self._flood = Flood(deps.wall, deps.sleep)

    def check(self) -> str:
        return self._views.check(locale())

    def open(self) -> Answer:
        """Show the thread of a typed receipt, or of the token of an earlier step."""
        fields = self.fields()
        try:
            receipt = self._receipt(fields)
            return self.show(self.opened(receipt), Step(text=fields.text))
        except NotOurTokenError:
            return self._views.check(locale(), text=fields.text, problem="expired")
        except NoThreadError:
            self._flood.wrong()
            return self._views.check(
                locale(), typed=fields.get("receipt"), text=fields.text, problem="unknown"
            )
        except Exception as error:  # noqa: BLE001 - whatever failed, what was typed must come back
            self.alarm(error)
            typed = fields.get("receipt")
            return self._views.check(locale(), typed=typed, text=fields.text, problem="not_stored"), 503

    def write(self) -> Answer:
        """File one more message in the thread of a token."""
        fields = self.fields()
        try:
            receipt = token.unseal(self._deps.secrets.form, self._deps.wall(), fields.get("token"))
            opened = self.opened(receipt)
        except (NotOurTokenError, NoThreadError):
            return self._views.check(locale(), text=fields.text, problem="expired")
        except Exception as error:  # noqa: BLE001 - as above
            self.alarm(error)
            return self._views.check(locale(), text=fields.text, problem="not_stored"), 503
        if not fields.text:
            return self.show(opened, _typed(fields, problem="empty"))
        try:
            filed = self._file(fields, opened)
        except Exception as error:  # noqa: BLE001 - as above
            self.alarm(error)
            return self.show(opened, _typed(fields, problem="not_stored")), 503
        return self.show(_with(opened, fields.text, filed), Step(filed=filed, cut=fields.cut))

    def fields(self) -> Fields:
        settings = self._deps.settings
        return read_fields(request.stream, settings.max_post_bytes, settings.max_text_bytes)

    def _receipt(self, fields: Fields) -> Receipt:
        sealed = fields.get("token")
        if sealed:
            return token.unseal(self._deps.secrets.form, self._deps.wall(), sealed)
        receipt = Receipt.read(fields.get("receipt"))
        if receipt is None:
            raise NoThreadError("not a receipt")
        return receipt

    def opened(self, receipt: Receipt) -> Opened:
        """The thread of ``receipt``. NoThreadError when there is none."""
        deps = self._deps
        origin = WebOrigin.of(receipt, pepper=deps.secrets.pepper, install=deps.install, from_form=False)
        with deps.database.asking() as session:
            keys = _SignKeys(deps.directories, session)
            try:
                school, items = open_found(
                    session, deps.install, origin.lookup_id, {RECEIPT: origin.keys}, keys
                )
            except UnknownReportError as error:
                raise NoThreadError("no report for this receipt") from error
            if school not in deps.schools:
                raise NoThreadError("this receipt's school left the configuration")
            found = deps.schools[school]
            withdrawn = found.withdrawal and retention.is_withdrawn(session, origin.lookup_id)
        return Opened(found, receipt, items, origin, withdrawn)

    def _file(self, fields: Fields, opened: Opened) -> Filed:
        facts = {"safe_to_write_back": fields.get("safe")} if fields.get("safe") in SAFE else {}
        times = fields.get("times")[:LONGEST_TIMES]
        if times:
            facts["safe_times"] = times
        draft = Draft(opened.school, fields.text, locale(), opened.origin, facts=facts)
        return self._deps.intake.file(draft)

    def show(self, opened: Opened, step: Step) -> str:
        sealed = token.seal(self._deps.secrets.form, self._deps.wall(), opened.receipt)
        step = replace(step, withdrawn=True) if opened.withdrawn else step
        return self._views.thread(locale(), opened.school, opened.items, sealed, step)

    def alarm(self, error: Exception) -> None:
        """Say, by a way that needs no database, that somebody was turned away."""
        log.error("a thread could not be read or written: %s", type(error).__name__)
        self._deps.alarm("thread_cannot_commit")


def _typed(fields: Fields, problem: str) -> Step:
    return Step(fields.text, fields.get("safe"), fields.get("times"), problem=problem)


def _with(opened: Opened, text: str, filed: Filed) -> Opened:
    """The thread after ``text`` was filed, without opening it a second time."""
    if filed.again:
        return opened
    written = ThreadItem(len(opened.items), "reporter", minute_of(filed.now), "opened", text)
    return replace(opened, items=(*opened.items, written), withdrawn=False)
