"""A message from the form or from a reporter who came back: both are known by their receipt."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.draft import Case, Draft, Joined
from reporting.errors import NoThreadError, SpentNonceError
from reporting.receipt import Receipt, lookup_id, reporter_keys
from triage import Assessment, AssessmentFormatError
from vault.kem import PrivateKey, PublicKey
from vault.tables import Report
from vault.teams import Directory
from vault.threads import RECEIPT, ThreadItem, open_thread

MINUTE = 60_000
RECENT_MS = 2 * 60 * MINUTE


@dataclass(frozen=True, slots=True, repr=False)
class WebOrigin:
    """``receipt``: derived from a form's nonce (``from_form``) or given by a reporter who came back.

    A form's nonce names its report for ``window_ms``, so that a double click, Back and reload change nothing.
    From a reporter who came back, only a repetition of the thread's very last message is taken for one.
    """

    receipt: Receipt
    lookup_id: str
    keys: PrivateKey
    install: str
    from_form: bool
    window_ms: int
    channel: str = "web"

    @classmethod
    def of(
        cls, receipt: Receipt, *, pepper: bytes, install: str, from_form: bool, window_minutes: int = 30
    ) -> "WebOrigin":
        window = window_minutes * MINUTE
        keys = reporter_keys(pepper, receipt)
        return cls(receipt, lookup_id(pepper, receipt), keys, install, from_form, window)

    @property
    def fresh(self) -> bool:
        return self.from_form

    @property
    def reporter_key(self) -> PublicKey:
        return self.keys.public

    def joins(self, session: Session, now: int, directory: Directory, draft: Draft) -> Joined | None:
        """The report of this receipt.

        Raises SpentNonceError when a form's nonce already served longer than the window, NoThreadError when
        a receipt leads nowhere any more.
        """
        report = session.scalar(select(Report).where(Report.lookup_id == self.lookup_id))
        if report is None:
            if self.from_form:
                return None
            raise NoThreadError("no report for this receipt")
        if self.from_form and now - report.arrived_minute >= self.window_ms + MINUTE:
            raise SpentNonceError("this form was sent long ago")
        items = open_thread(session, self.install, report.id, {RECEIPT: self.keys}, directory)
        own = [item for item in items if item.author == "reporter" and item.state == "opened"]
        candidates = own if self.from_form else [item for item in items[-1:] if item in own]
        again = any(self._is_same(item, now, draft) for item in candidates)
        return Joined(report.id, _recent(own, now), again)

    def keep(self, session: Session, now: int, case: Case, assessment: Assessment) -> None:
        """A receipt needs no rows of its own: the report's lookup id is all."""

    def _is_same(self, item: ThreadItem, now: int, draft: Draft) -> bool:
        adult = "yes" if draft.adult_concern else None
        is_recent = now - item.minute < self.window_ms + MINUTE
        return is_recent and item.text == draft.text and item.facts.get("adult_concern") == adult


def _recent(own: list[ThreadItem], now: int) -> tuple[str, ...]:
    kinds = [
        kind
        for item in own
        if item.assessment is not None and now - item.minute < RECENT_MS
        for kind in _kinds(item.assessment)
    ]
    return tuple(dict.fromkeys(kinds))


def _kinds(assessment: Mapping[str, object]) -> tuple[str, ...]:
    """An old assessment that this version cannot read says nothing; the new message is taken all the same."""
    try:
        return Assessment.from_json(dict(assessment)).kinds
    except AssessmentFormatError:
        return ()
