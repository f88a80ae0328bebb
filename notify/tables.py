"""What the pager keeps. Times are milliseconds since 1970 (UTC); addresses are sealed to the line key.

A page knows its subject only as an opaque id and a reference that may be said aloud.
"""

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vault.database import Base, belongs_to


class Page(Base):
    """One demand for attention. ``state``: open, acknowledged or closed; ``next_at`` is its live deadline.

    ``teams`` and ``snapshot`` are JSON: the teams that can open the subject, and the policy as it was.
    ``acknowledged_by`` and ``seen_by`` are member ids; ``seen_at`` counts from the acknowledgement.
    """

    __tablename__ = "page"

    id: Mapped[str] = mapped_column(primary_key=True)
    school: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    reference: Mapped[str]
    urgency: Mapped[str]
    rank: Mapped[int]
    teams: Mapped[str]
    snapshot: Mapped[str]
    state: Mapped[str]
    step: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[int | None] = mapped_column(BigInteger)
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[int | None] = mapped_column(BigInteger)
    seen_by: Mapped[str | None]

    __table_args__ = (Index("ix_page_deadline", "state", "next_at"),)


class Letter(Base):
    """A text on its way to a phone that is no page: address and body sealed to the line key until sent.

    ``sender`` says from which of our numbers it goes: line, pager or second.
    """

    __tablename__ = "letter"

    id: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str]
    sealed_to: Mapped[bytes]
    sealed_body: Mapped[bytes]


class Attempt(Base):
    """One try, one channel, one person: the outbox. The row, not the queue, is the truth.

    ``state``: due, claimed, sent, delivered, failed or cancelled. ``rank`` 0 is the most urgent.
    ``kind``: page (asks somebody to take it), told (says who has it), offer (asks a colleague to take it
    over), withdrawn (asks them no longer), kept (tells whoever offered it that nobody did), taken (tells
    whoever had it that a colleague has it now), letter, or what ``notify.notes`` has.
    ``sender``: which of our numbers it leaves from, line, pager or second; nothing said is the pager.
    ``asked_at``: when the carrier was asked for its end, of which nothing had been heard.
    """

    __tablename__ = "attempt"

    id: Mapped[str] = mapped_column(primary_key=True)
    page_id: Mapped[str | None] = mapped_column(belongs_to("page.id"), index=True)
    letter_id: Mapped[str | None] = mapped_column(belongs_to("letter.id", ondelete=None))
    responder_id: Mapped[str | None]
    method_id: Mapped[str | None] = mapped_column(index=True)
    school: Mapped[str]
    kind: Mapped[str] = mapped_column(default="page")
    channel: Mapped[str]
    rank: Mapped[int]
    step: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="due")
    due_at: Mapped[int] = mapped_column(BigInteger)
    hinted_until: Mapped[int] = mapped_column(BigInteger, default=0)
    token: Mapped[str | None]
    lease_until: Mapped[int | None] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(default=0)
    provider_id: Mapped[str | None] = mapped_column(index=True)
    error_code: Mapped[str | None]
    created_at: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)
    delivered_at: Mapped[int | None] = mapped_column(BigInteger)
    sender: Mapped[str | None]
    asked_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_attempt_due", "state", "due_at"),)


class CarrierCopy(Base):
    """A text of which the carrier still keeps the words; the row goes when it has said that it does not.

    ``sid``: the carrier's id. ``sender``: the number whose account keeps it, as of an attempt. ``whole``: its
    record goes too, with the number that wrote and the pictures. ``due_at`` is also the lease of a try.
    """

    __tablename__ = "carrier_copy"

    sid: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    whole: Mapped[bool]
    due_at: Mapped[int] = mapped_column(BigInteger, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int] = mapped_column(BigInteger)


class Pace(Base):
    """Until when a lane is held, and by how urgent a text. A lane: a number of ours, a phone, a school."""

    __tablename__ = "pace"

    lane: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[int] = mapped_column(BigInteger)
    rank: Mapped[int]


class PageCode(Base):
    """The digits with which one phone acknowledges one page; not reused on that phone for seven days.

    ``sent_at``: when a text with them last left.
    """

    __tablename__ = "page_code"

    id: Mapped[str] = mapped_column(primary_key=True)
    page_id: Mapped[str] = mapped_column(belongs_to("page.id"), index=True)
    responder_id: Mapped[str]
    address_key: Mapped[str]
    code: Mapped[str]
    created_at: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("page_id", "address_key", name="uq_page_code_phone"),
        Index("ix_page_code_lookup", "address_key", "code"),
    )


class PageAnswer(Base):
    """Who has answered a page that takes two, before it is anybody's."""

    __tablename__ = "page_answer"

    page_id: Mapped[str] = mapped_column(belongs_to("page.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)


class Handover(Base):
    """A case that whoever has it offers to a colleague. It is theirs until the colleague says yes.

    ``page_id``: the page by which they have it. ``state``: offered, accepted, declined, expired,
    withdrawn or replaced.
    """

    __tablename__ = "handover"

    id: Mapped[str] = mapped_column(primary_key=True)
    page_id: Mapped[str] = mapped_column(belongs_to("page.id"), index=True)
    from_member: Mapped[str]
    to_member: Mapped[str]
    state: Mapped[str]
    offered_at: Mapped[int] = mapped_column(BigInteger)
    ends_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_handover_end", "state", "ends_at"),)


class Digest(Base):
    """Which school's morning digest went out for which local day; the key makes it go once.

    In place of a school also ``school/findings`` (what administrators should mend) and ``team/shifts``.
    """

    __tablename__ = "digest"

    school: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)


class Pulse(Base):
    """When a process last did its work, whichever of its kind; ``state`` is ``well`` or an alarm's word."""

    __tablename__ = "pulse"

    process: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
