"""Whom the pager can call and how, and whose turn it is. Times are milliseconds since 1970 (UTC)."""

from typing import Protocol

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from vault.database import Base, belongs_to


class Responder(Base):
    """Somebody who can be paged, with the account ``member_id``. ``pin_key``: as ``notify.pins`` makes it.

    ``handle``: the hash of their login, so that a step can name them where logins are not to be read.
    """

    __tablename__ = "responder"

    id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    active: Mapped[bool] = mapped_column(default=True)
    pin_key: Mapped[str | None]
    handle: Mapped[str | None]


class ContactMethod(Base):
    """One way to reach a responder: ``channel`` sms, voice, email or push; found by ``address_key`` (HMAC).

    ``after_s``, ``quiet``: as ``notify.ways`` reads them. No process but the pager may read the address.
    ``ending_key``: as ``notify.endings`` makes it.
    """

    __tablename__ = "contact_method"

    id: Mapped[str] = mapped_column(primary_key=True)
    responder_id: Mapped[str] = mapped_column(belongs_to("responder.id"), index=True)
    channel: Mapped[str]
    sealed_address: Mapped[bytes] = mapped_column(deferred=True)
    address_key: Mapped[str] = mapped_column(index=True)
    rank: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[int | None] = mapped_column(BigInteger)
    after_s: Mapped[int | None]
    quiet: Mapped[str | None]
    ending_key: Mapped[str | None] = mapped_column(deferred=True)


class Contact(Protocol):
    """What is to be known of a ContactMethod, but for its address: of an object or of a statement's row."""

    @property
    def id(self) -> str: ...

    @property
    def responder_id(self) -> str: ...

    @property
    def channel(self) -> str: ...

    @property
    def address_key(self) -> str: ...

    @property
    def rank(self) -> int: ...

    @property
    def verified_at(self) -> int | None: ...

    @property
    def after_s(self) -> int | None: ...

    @property
    def quiet(self) -> str | None: ...


class OptOut(Base):
    """A responder's phone that sent STOP to a number that pages: the carrier keeps our texts from it."""

    __tablename__ = "opt_out"

    address_key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)


class Rotation(Base):
    """Who takes turns in a team: responder ids in order, handed on weekly at a wall time of ``zone``."""

    __tablename__ = "rotation"

    team_id: Mapped[str] = mapped_column(primary_key=True)
    school: Mapped[str]
    responders: Mapped[str]
    zone: Mapped[str]
    handoff_weekday: Mapped[int]
    handoff_time: Mapped[str]
    starts_on: Mapped[str]


class RosterPlan(Base):
    """A team's layers as JSON (``notify.plans``); a team without one has the weeks of its ``Rotation``."""

    __tablename__ = "roster_plan"

    team_id: Mapped[str] = mapped_column(primary_key=True)
    layers: Mapped[str]


class Duty(Base):
    """What goes before a team's layers for a while; ``team_id`` None: for every team.

    ``kind``: cover (an override, or a swap with ``instead_of``), listed (of a fixed duty list) or away.
    """

    __tablename__ = "duty"

    id: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[str | None]
    responder_id: Mapped[str]
    kind: Mapped[str]
    instead_of: Mapped[str | None]
    begins_at: Mapped[int] = mapped_column(BigInteger)
    ends_at: Mapped[int] = mapped_column(BigInteger, index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)


class DayOff(Base):
    """A day on which a school is closed, as the configuration says: holidays, and the school's own days."""

    __tablename__ = "day_off"

    school: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)


class CalendarFeed(Base):
    """A calendar address that was handed out: whoever has it sees the shifts of one team or one person.

    With both ids it is a person's own address of their team. ``token_key``: the hash of its secret part,
    which is kept nowhere.
    """

    __tablename__ = "calendar_feed"

    id: Mapped[str] = mapped_column(primary_key=True)
    token_key: Mapped[str] = mapped_column(unique=True)
    team_id: Mapped[str | None]
    responder_id: Mapped[str | None]
    created_at: Mapped[int] = mapped_column(BigInteger)
