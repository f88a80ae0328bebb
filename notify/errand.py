"""What a claimed attempt is to say and to whom, read in the claiming transaction and used after it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import letters, people, words
from notify.tables import Attempt, ContactMethod, Letter, Page, PageCode, Responder
from notify.words import Saying

OpenSealed = Callable[[str, bytes], bytes]
# A page that comes later than this would mislead; its repeats are on the way.
PAGE_VALID_S = 300


@dataclass(frozen=True)
class Errand:
    """One handing-over. Its ``repr`` shows nothing that is sealed."""

    attempt_id: str
    kind: str
    channel: str
    sender: str
    sealed_to: bytes = field(repr=False)
    sealed_body: bytes = field(default=b"", repr=False)
    saying: Saying | None = field(default=None, repr=False)
    locale: str = "en"
    purpose: str = letters.ADDRESS

    @property
    def valid_s(self) -> int | None:
        return PAGE_VALID_S if self.kind == "page" else None

    def body(self, open_sealed: OpenSealed, digits_to: Callable[[str], str]) -> str:
        """The words of a text, or the TwiML of a call."""
        if self.saying is None:
            return open_sealed(letters.BODY, self.sealed_body).decode()
        if self.kind == "told":
            return words.told_text(self.saying, self.locale)
        if self.channel == "voice":
            return words.call_xml(self.saying, self.locale, digits_to(self.attempt_id))
        return words.page_text(self.saying, self.locale)


def prepare(session: Session, now: int, attempt: Attempt) -> Errand:
    """Read everything that ``attempt`` needs; its code counts as sent from here on.

    Not from the provider's answer: a quick reply would come before our own commit.
    """
    if attempt.kind == "letter":
        return _letter(session, attempt)
    page = session.get_one(Page, attempt.page_id)
    method = session.get_one(ContactMethod, attempt.method_id)
    responder = session.get_one(Responder, attempt.responder_id)
    saying = Saying(page.kind, page.urgency, page.reference)
    if attempt.kind == "told":
        name = people.name_of(session, page.acknowledged_by)
        saying = Saying(page.kind, page.urgency, page.reference, name=name)
    elif attempt.channel == "sms":
        code = _send_code(session, now, page.id, method.address_key)
        saying = Saying(page.kind, page.urgency, page.reference, code=code)
    return Errand(
        attempt_id=attempt.id,
        kind=attempt.kind,
        channel=attempt.channel,
        sender="pager",
        sealed_to=method.sealed_address,
        saying=saying,
        locale=responder.locale,
    )


def _letter(session: Session, attempt: Attempt) -> Errand:
    letter = session.get_one(Letter, attempt.letter_id)
    return Errand(
        attempt_id=attempt.id,
        kind=attempt.kind,
        channel=attempt.channel,
        sender=letter.sender,
        sealed_to=letter.sealed_to,
        sealed_body=letter.sealed_body,
    )


def _send_code(session: Session, now: int, page_id: str, address_key: str) -> str:
    of_phone = (PageCode.page_id == page_id) & (PageCode.address_key == address_key)
    code = session.scalars(select(PageCode).where(of_phone).with_for_update()).one()
    code.sent_at = code.sent_at or now
    return code.code
