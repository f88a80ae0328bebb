"""What is kept about members and who lets them in: accounts, sessions, their copies of team keys.

Times are milliseconds since 1970 (UTC). Every seed is wrapped or sealed.
"""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from vault.database import Base, belongs_to


class TeamKeyCopy(Base):
    """A team generation's private seed, sealed to one member (or to ``recovery``)."""

    __tablename__ = "team_key_copy"

    team_id: Mapped[str] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class TeamProposal(Base):
    """One member's wish to let somebody into a team that has two or more: a second one must confirm it.

    ``payload`` is the directory entry to be, for place ``seq``, approved by ``proposer`` with ``signature``.
    """

    __tablename__ = "team_proposal"

    team_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    newcomer: Mapped[str]
    proposer: Mapped[str]
    payload: Mapped[bytes]
    signature: Mapped[bytes]
    sealed_copies: Mapped[bytes]
    created_at: Mapped[int] = mapped_column(BigInteger)


class Invitation(Base):
    """Somebody who is to come in, or to come back with new keys. ``id`` is a hash of the code they were told.

    Their keys are made when they use it; until a member lets them in they give access to nothing.
    """

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str]
    login: Mapped[str]
    name: Mapped[str]
    teams: Mapped[str]
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    sign_public: Mapped[bytes | None]
    kem_public: Mapped[bytes | None]
    wrapped_seed: Mapped[bytes | None]


class Member(Base):
    """A staff account. The seed is wrapped under the password; public keys live in the directory only.

    ``sealed_totp`` is the second factor, sealed under the seed; ``totp_step`` the last one used.
    """

    __tablename__ = "member"

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    wrapped_seed: Mapped[bytes]
    active: Mapped[bool] = mapped_column(default=True)
    sealed_totp: Mapped[bytes | None]
    totp_step: Mapped[int | None] = mapped_column(BigInteger)


class StaffSession(Base):
    """A signed-in browser: ``id`` is a hash of its cookie, the seed is wrapped under a secret in it."""

    __tablename__ = "staff_session"

    id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(belongs_to("member.id", ondelete=None), index=True)
    wrapped_seed: Mapped[bytes]
    created_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)
