"""What is kept about trying the whole way out: drills and weekly tests. Times are ms since 1970."""

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vault.database import Base, belongs_to


class Drill(Base):
    """A page that nobody is in danger for. ``kind``: drill (of a report that says it is one) or self_test.

    ``asked_by``: a member's id; empty for the command line and the timetable. ``slot``: an hour in which a
    school has one alone; empty for the command line. ``filed_at``: when the public process took it.
    ``well``, ``result``: how it ended, and all of it as JSON, once ``ended_at``.
    """

    __tablename__ = "drill"

    id: Mapped[str] = mapped_column(primary_key=True)
    school: Mapped[str]
    kind: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[int] = mapped_column(BigInteger)
    slot: Mapped[int | None] = mapped_column(BigInteger)
    report_id: Mapped[str | None] = mapped_column(belongs_to("report.id"), index=True)
    filed_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    well: Mapped[bool | None]
    result: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("school", "kind", "slot", name="uq_drill_slot"),
        Index("ix_drill_asked", "school", "asked_at"),
    )
