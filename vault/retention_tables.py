"""What is kept about deleting: what may not be deleted, and how many were. Times are ms since 1970."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from vault.database import Base, belongs_to


class LegalHold(Base):
    """A report that must be kept, whatever its date. Why and by whom is in the audit."""

    __tablename__ = "legal_hold"

    report_id: Mapped[str] = mapped_column(belongs_to("report.id", ondelete=None), primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger)


class Tombstone(Base):
    """How many reports of a school, month of arrival (UTC, as 2026-01) and urgency were purged."""

    __tablename__ = "tombstone"

    school: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    urgency: Mapped[str] = mapped_column(primary_key=True)
    reports: Mapped[int]
