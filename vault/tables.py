"""What the vault keeps. Times are milliseconds since 1970 (UTC).

The clear columns are the ones that docs/protocol.md declares. Nothing
here names a reporter. Everything a person wrote is in a ``sealed`` column.
"""

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vault.database import Base, belongs_to

# Of the audit's events: indexes over some rows only, so that noting one costs no more than it must.
_CHAINED, _UNCHAINED = text("seq IS NOT NULL"), text("seq IS NULL")


class Install(Base):
    """One row: which install this database belongs to (part of every sealed object's place)."""

    __tablename__ = "install"

    id: Mapped[int] = mapped_column(primary_key=True)
    install_id: Mapped[str]


class SchemaFit(Base):
    """An older revision whose programs work on this schema too; ``tipline migrate`` lists them anew."""

    __tablename__ = "schema_fit"

    revision: Mapped[str] = mapped_column(primary_key=True)


class LiveSchool(Base):
    """A school that passed every check of ``tipline live`` at ``at``: one that students may be told of."""

    __tablename__ = "live_school"

    school: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)


class DirectoryEntry(Base):
    """A numbered, signed line of the team directory; ``payload`` is canonical JSON."""

    __tablename__ = "directory_entry"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payload: Mapped[bytes]
    signer: Mapped[str]
    signature: Mapped[bytes]


class Report(Base):
    """A thread that began with somebody telling something. ``status``: new, open or closed."""

    __tablename__ = "report"

    id: Mapped[str] = mapped_column(primary_key=True)
    school: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    urgency: Mapped[str]
    status: Mapped[str] = mapped_column(default="new")
    drill: Mapped[bool] = mapped_column(default=False)
    arrived_minute: Mapped[int] = mapped_column(BigInteger)
    read_deadline: Mapped[int | None] = mapped_column(BigInteger)
    retain_until: Mapped[int] = mapped_column(BigInteger)
    withdrawn_at: Mapped[int | None] = mapped_column(BigInteger)
    lookup_id: Mapped[str | None] = mapped_column(unique=True)
    reporter_public: Mapped[bytes | None]
    pseudonym: Mapped[str]
    wall_mark: Mapped[bytes | None]

    __table_args__ = (Index("ix_report_unread", "status", "read_deadline"),)


class RecipientTeam(Base):
    """Which teams a report was sealed to."""

    __tablename__ = "recipient_team"

    report_id: Mapped[str] = mapped_column(belongs_to("report.id"), primary_key=True)
    team_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class CaseRoute(Base):
    """A member's signed word that a team reads a report from now on, though no route names it."""

    __tablename__ = "case_route"

    report_id: Mapped[str] = mapped_column(belongs_to("report.id"), primary_key=True)
    team_id: Mapped[str] = mapped_column(primary_key=True)
    signer: Mapped[str]
    signature: Mapped[bytes]


class Message(Base):
    """One message of a thread. ``author``: reporter or member; who the member was is inside the seal."""

    __tablename__ = "message"

    id: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[str] = mapped_column(belongs_to("report.id"))
    seq: Mapped[int]
    author: Mapped[str]
    minute: Mapped[int] = mapped_column(BigInteger)
    sealed_body: Mapped[bytes]
    sealed_assessment: Mapped[bytes | None]

    __table_args__ = (UniqueConstraint("report_id", "seq", name="uq_message_place"),)


class Wrap(Base):
    """A message key, sealed to one recipient: ``team:<id>:<generation>`` or ``receipt``."""

    __tablename__ = "wrap"

    message_id: Mapped[str] = mapped_column(belongs_to("message.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class Texter(Base):
    """A phone that wrote to the line: found by HMAC, its number sealed to the line key."""

    __tablename__ = "texter"

    number_key: Mapped[str] = mapped_column(primary_key=True)
    school: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[str] = mapped_column(belongs_to("report.id"), index=True)
    sealed_number: Mapped[bytes]
    stopped: Mapped[bool] = mapped_column(default=False)


class NumberRequest(Base):
    """Somebody's request to see a texter's number.

    ``sealed_number`` is for the line key, ``sealed_view`` for them. Both are
    erased: the first when the pager served it, the second by the one look, each after an hour.
    """

    __tablename__ = "number_request"

    id: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[str] = mapped_column(belongs_to("report.id"), index=True)
    requester: Mapped[str]
    signature: Mapped[bytes]
    approver: Mapped[str | None]
    approval: Mapped[bytes | None]
    alone: Mapped[bool]
    sealed_number: Mapped[bytes]
    sealed_view: Mapped[bytes | None]
    created_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int | None] = mapped_column(BigInteger)
    reviewer: Mapped[str | None]


class TextContext(Base):
    """Kinds of signal of a texter's last texts (no words), sealed under the key of that hour."""

    __tablename__ = "text_context"

    number_key: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed: Mapped[bytes]


class CarrierReceipt(Base):
    """Keyed hash of a carrier's message id: the defence against a webhook that comes twice."""

    __tablename__ = "carrier_receipt"

    sid_key: Mapped[str] = mapped_column(primary_key=True)
    at_minute: Mapped[int] = mapped_column(BigInteger)


class AuditEvent(Base):
    """Who did what to which pseudonym. ``seq``, ``link`` and ``signature`` are empty until it is chained.

    ``seq`` is its place in the chain: ids are given before a transaction commits, so in another order.
    The database itself refuses to delete an event and to change one but for what vault.chain does.
    """

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str]
    verb: Mapped[str]
    pseudonym: Mapped[str]
    facts: Mapped[str] = mapped_column(default="{}")
    seq: Mapped[int | None]
    link: Mapped[bytes | None]
    signature: Mapped[bytes | None]

    __table_args__ = (
        Index("ix_audit_event_pseudonym", "pseudonym"),
        Index("uq_audit_event_seq", "seq", unique=True, sqlite_where=_CHAINED, postgresql_where=_CHAINED),
        Index("ix_audit_event_unchained", "id", sqlite_where=_UNCHAINED, postgresql_where=_UNCHAINED),
    )


class AuditLease(Base):
    """One row: which pager chains the audit, and until when; and what came of reading it all over again.

    ``checked_seq``: at ``checked_at`` every event up to this one was whole. ``broken_seq``: this one was not.
    """

    __tablename__ = "audit_lease"

    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[int] = mapped_column(BigInteger)
    checked_at: Mapped[int | None] = mapped_column(BigInteger)
    checked_seq: Mapped[int | None]
    broken_seq: Mapped[int | None]
