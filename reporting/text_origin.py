"""A message from a phone that wrote to the line: one thread per phone and school, found by keyed hash."""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from notify import emptying
from notify.letters import ADDRESS
from reporting import text_context
from reporting.draft import Case, Draft, Joined
from reporting.hour_keys import HourKeys
from reporting.settings import PublicSecrets
from triage import Assessment
from vault.clock import minute_of
from vault.errors import ThreadMovedError
from vault.keyed import number_key, seal_to_line
from vault.tables import CarrierReceipt, Texter
from vault.teams import Directory


@dataclass(frozen=True, slots=True, repr=False)
class TextOrigin:
    """``number_key`` finds the phone, ``sealed_number`` lets the pager answer it; the number itself is gone.

    ``sid``: the carrier's id of this text, ``sid_key`` its keyed hash. ``stops``: asks us not to write back.
    """

    number_key: str
    sealed_number: bytes
    sid: str
    sid_key: str
    hours: HourKeys
    stops: bool = False
    channel: str = "text"
    fresh: bool = False
    receipt: None = None
    lookup_id: None = None
    reporter_key: None = None

    @classmethod
    def of(
        cls, secrets: PublicSecrets, hours: HourKeys, number: str, sid: str, *, stops: bool
    ) -> "TextOrigin":
        """From a phone's ``number`` (E.164) and the carrier's message id."""
        key = number_key(secrets.reporter_numbers, number)
        sealed = seal_to_line(secrets.line, ADDRESS, number.encode())
        return cls(key, sealed, sid, sid_key(secrets, sid), hours, stops)

    def joins(self, session: Session, now: int, directory: Directory, draft: Draft) -> Joined | None:
        """The thread of this phone at this school."""
        del directory  # a texter's thread needs no key of theirs
        texter = session.get(Texter, (self.number_key, draft.school.id))
        if texter is None:
            return None
        kinds = text_context.recent(session, now, self.hours, self.number_key)
        return Joined(texter.report_id, kinds, again=session.get(CarrierReceipt, self.sid_key) is not None)

    def keep(self, session: Session, now: int, case: Case, assessment: Assessment) -> None:
        """Remember the text's id, the phone, and what the text hinted at."""
        note_sid(session, now, self.sid, self.sid_key)
        texter = session.get(Texter, (self.number_key, case.school))
        if texter is None:
            texter = Texter(number_key=self.number_key, school=case.school, report_id=case.id, stopped=False)
            session.add(texter)
        if texter.report_id != case.id:
            raise ThreadMovedError("another text of this phone began its thread first")
        # Sealed anew with every text: the line key of last month will be destroyed.
        texter.sealed_number = self.sealed_number
        texter.stopped = texter.stopped or self.stops
        session.flush()
        text_context.remember(session, now, self.hours, self.number_key, assessment.kinds)


def sid_key(secrets: PublicSecrets, sid: str) -> str:
    """What a carrier's message id is remembered as: useless to whoever has the carrier's own records."""
    return hmac.new(
        secrets.reporter_numbers, b"tipline carrier id\0" + sid.encode(), hashlib.sha256
    ).hexdigest()


def note_sid(session: Session, now: int, sid: str, key: str) -> None:
    """Remember a text's id, and that the carrier still has its words.

    Raises IntegrityError when it was there: the text came twice.
    """
    session.execute(insert(CarrierReceipt), {"sid_key": key, "at_minute": minute_of(now)})
    emptying.note(session, now, "line", sid, whole=True)
