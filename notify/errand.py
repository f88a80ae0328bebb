"""What a claimed attempt is to say and to whom, read in the claiming transaction and used after it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import FromClause, Select, Table, bindparam, select, update
from sqlalchemy.orm import Session

from notify import letters, notes, people, words
from notify.channels import CALL, PAGER, TEXT, Parcel
from notify.duty_tables import ContactMethod, Responder
from notify.tables import Attempt, Letter, Page, PageCode
from notify.words import Saying
from vault.statements import Found, Statement

OpenSealed = Callable[[str, bytes], bytes]
# A page that comes later than this would mislead; its repeats are on the way.
PAGE_VALID_S = 300
# What somebody takes a case by.
WITH_CODE = frozenset({"page", words.OFFER})
_NUMBERS = re.compile(r"\d+")

_ATTEMPTS, _PAGES, _METHODS, _RESPONDERS, _CODES = (
    cast("Table", one.__table__) for one in (Attempt, Page, ContactMethod, Responder, PageCode)
)
_P, _M, _R, _C = _PAGES.c, _METHODS.c, _RESPONDERS.c, _CODES.c


def said_by(attempts: FromClause) -> Select[*tuple[Any, ...]]:
    """What ``of`` reads, of each row of ``attempts``: the outbox, or some of it."""
    a = attempts.c
    return select(
        a.id,
        a.kind,
        a.channel,
        a.page_id,
        a.created_at,
        a.method_id,
        a.sender,
        _M.address_key,
        _P.kind.label("page_kind"),
        _P.urgency,
        _P.reference,
        _P.acknowledged_by,
        _M.sealed_address,
        _R.locale,
        _R.pin_key,
        _C.id.label("code_id"),
        _C.code,
    ).select_from(
        attempts.outerjoin(_PAGES, _P.id == a.page_id)
        .outerjoin(_METHODS, _M.id == a.method_id)
        .outerjoin(_RESPONDERS, _R.id == a.responder_id)
        .outerjoin(_CODES, (_C.page_id == _P.id) & (_C.address_key == _M.address_key))
    )


# Built once, and of tables, for speed: these run between a page's commit and its phone ringing.
_SAID = Statement(said_by(_ATTEMPTS).where(_ATTEMPTS.c.id == bindparam("attempt_id")))
_LETTER = (
    select(Letter, Attempt.created_at, Attempt.channel, Attempt.sender)
    .join(Attempt, Attempt.letter_id == Letter.id)
    .where(Attempt.id == bindparam("attempt_id"))
)
_COUNT_CODE = Statement(update(_CODES).where(_C.id == bindparam("code")).values(sent_at=bindparam("now")))


@dataclass(frozen=True)
class Links:
    """Addresses that are said. ``digits_to(attempt_id)``: where the carrier posts digits pressed in a call.

    ``case_at(reference)``: where a member who signs in sees the case; opening it takes nothing.
    """

    digits_to: Callable[[str], str]
    case_at: Callable[[str], str]


@dataclass(frozen=True)
class Errand:
    """One handing-over. Its ``repr`` shows nothing that is sealed.

    ``in_doubt``: the provider may have taken an earlier try of what is wanted since ``since``, by ``sender``.
    ``sealed_to`` is empty where the person's contacts have changed since: there is no such way any more.
    """

    attempt_id: str
    kind: str
    channel: str
    sender: str
    page_id: str | None
    since: int
    in_doubt: bool
    sealed_to: bytes = field(repr=False)
    sealed_body: bytes = field(default=b"", repr=False)
    saying: Saying | None = field(default=None, repr=False)
    locale: str = "en"
    address_key: str = field(default="", repr=False)
    method_id: str = ""
    joined: tuple[Saying, ...] = field(default=(), repr=False)

    @property
    def may_be_joined(self) -> bool:
        """Whether other texts to this phone may go in one with it."""
        return self.channel == TEXT and bool(self.address_key)

    def parcel(self, open_sealed: OpenSealed, links: Links) -> Parcel:
        """What is handed over. CannotOpenError for an address or a letter that does not open."""
        to = open_sealed(letters.ADDRESS, self.sealed_to).decode()
        valid_s = PAGE_VALID_S if self.kind == "page" else None
        title, body = self._words(open_sealed, links)
        return Parcel(self.attempt_id, to, title, body, valid_s)

    def _words(self, open_sealed: OpenSealed, links: Links) -> tuple[str, str]:
        if self.kind in notes.KINDS:
            return words.TITLE, notes.words_of(self.kind, self.channel, self.locale)
        if self.saying is None:
            return words.TITLE, open_sealed(letters.BODY, self.sealed_body).decode()
        sayings = (self.saying, *self.joined)
        if self.kind in words.LINES:
            return words.TITLE, self._lines(sayings)
        if self.channel == CALL:
            return "", words.call_xml(self.kind, self.saying, self.locale, links.digits_to(self.attempt_id))
        if self.channel == TEXT:
            offer = self.kind == words.OFFER
            return "", self._lines(sayings) if offer else words.pages_text(sayings, self.locale)
        return words.notice(self.kind, self.saying, self.locale, links.case_at(self.saying.reference))

    def _lines(self, sayings: Iterable[Saying]) -> str:
        return "\n".join(words.line_text(self.kind, one, self.locale) for one in sayings)

    def is_said_by(self, copy: str, body: str) -> bool:
        """Whether the provider's ``copy`` of a text says this: a page's code, or else ``body``.

        Told texts are joined, a line each. A letter is all of its text: "yes" is no "yes, but".
        """
        if self.kind in WITH_CODE:
            code = self.saying.code if self.saying else ""
            return bool(code) and code in _NUMBERS.findall(copy)
        return body.strip() in (copy.splitlines() if self.kind in words.LINES else [copy.strip()])


def prepare(session: Session, now: int, attempt_id: str, *, in_doubt: bool = False) -> Errand:
    """Read everything that the attempt needs; the code of its phone counts as sent from here on.

    Not from the provider's answer: a quick reply would come before our own commit.
    """
    (found,) = _SAID.run(session, {"attempt_id": attempt_id})
    if found.kind in WITH_CODE and found.channel == TEXT:
        _COUNT_CODE.run(session, {"code": found.code_id, "now": now})
    return of(session, found, in_doubt=in_doubt)


def of(session: Session, found: Found, *, in_doubt: bool) -> Errand:
    """What is made of a row of ``said_by``."""
    if found.kind == "letter":
        return _letter(session, found.id, in_doubt=in_doubt)
    plain = Errand(
        attempt_id=found.id,
        kind=found.kind,
        channel=found.channel,
        sender=found.sender or PAGER,
        page_id=found.page_id,
        since=found.created_at,
        in_doubt=in_doubt,
        sealed_to=found.sealed_address or b"",
        locale=found.locale or "en",
        method_id=found.method_id,
    )
    return plain if found.kind in notes.KINDS else _about_a_page(session, found, plain)


def _about_a_page(session: Session, found: Found, plain: Errand) -> Errand:
    name = people.name_of(session, found.acknowledged_by) if found.kind != "page" else ""
    pin = bool(found.pin_key)
    saying = Saying(found.page_kind, found.urgency, found.reference, found.code or "", name, pin=pin)
    return replace(plain, saying=saying, address_key=found.address_key or "")


def join(session: Session, now: int, found: Errand, others: Sequence[str]) -> Errand:
    """``found``, saying what the texts ``others`` to the same phone have to say as well."""
    joined = (prepare(session, now, one).saying for one in others)
    return replace(found, joined=tuple(saying for saying in joined if saying))


def _letter(session: Session, attempt_id: str, *, in_doubt: bool) -> Errand:
    letter, since, channel, tried_by = session.execute(_LETTER, {"attempt_id": attempt_id}).one()
    return Errand(
        attempt_id=attempt_id,
        kind="letter",
        channel=channel,
        sender=tried_by or letter.sender,
        page_id=None,
        since=since,
        in_doubt=in_doubt,
        sealed_to=letter.sealed_to,
        sealed_body=letter.sealed_body,
    )
