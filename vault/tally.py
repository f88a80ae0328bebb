"""Is every message still there, and none too many? The audit has an event for each: both are counted.

The chain keeps a writer to the database from taking an event out; here the same becomes true of messages, of
the last one of a thread too, and of whole reports. A report's pseudonym follows from its id, so that no
events can be made up for it under another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.orm import Session

from vault.audit import pseudonym_of
from vault.retention_tables import Tombstone
from vault.tables import AuditEvent, Message, Report

BEGINS = "report_filed"
# Each of these is noted with exactly one message of its thread, in one transaction.
BY_REPORTERS = (BEGINS, "message_filed")
BY_MEMBERS = (
    "reply_sent",
    "case_routed",
    "case_closed",
    "offer_explained",
    "number_requested",
    "number_approved",
    "number_alone",
    "number_seen",
)


@dataclass(frozen=True)
class Odd:
    """A report that is not as the audit has it. ``report_id`` is empty for reports that are gone."""

    report_id: str
    what: str


def odd(session: Session) -> Iterator[Odd]:
    """Every report whose messages are not those that were noted; and how many are gone that nobody purged."""
    for row in _counted(session):
        said = _judged(row)
        if said:
            yield Odd(row.id, f"case {row.reference}: {said}")
    gone = _gone(session)
    if gone:
        yield Odd("", f"reports: {abs(gone)} {'are gone that nobody purged' if gone > 0 else 'too many'}")


def _counted(session: Session) -> Sequence[Row[tuple[str, str, str, int, int, int, int]]]:
    """One statement, so that both counts are of one moment. Who wrote is looked at while a case is open."""
    theirs = func.sum(case((AuditEvent.verb.in_(BY_REPORTERS), 1), else_=0))
    noted = (
        select(AuditEvent.pseudonym, func.count().label("messages"), theirs.label("theirs"))
        .where(AuditEvent.verb.in_((*BY_REPORTERS, *BY_MEMBERS)))
        .group_by(AuditEvent.pseudonym)
        .subquery()
    )
    mine = Message.report_id == Report.id
    stored = select(func.count(Message.seq)).where(mine).scalar_subquery()
    by_reporters = select(func.count()).where(and_(mine, Message.author == "reporter")).scalar_subquery()
    return session.execute(
        select(
            Report.id,
            Report.reference,
            Report.pseudonym,
            func.coalesce(noted.c.messages, 0).label("noted"),
            stored.label("stored"),
            func.coalesce(noted.c.theirs, 0).label("noted_theirs"),
            case((Report.status == "closed", func.coalesce(noted.c.theirs, 0)), else_=by_reporters).label(
                "stored_theirs"
            ),
        ).outerjoin(noted, noted.c.pseudonym == Report.pseudonym)
    ).all()


def _judged(row: Row[tuple[str, str, str, int, int, int, int]]) -> str:
    if row.pseudonym != pseudonym_of(row.id):
        return "the audit knows it by another name"
    if row.noted != row.stored:
        return f"{row.stored} messages, {row.noted} were noted"
    if row.noted_theirs != row.stored_theirs:
        return "a message is said to be somebody else's than who wrote it"
    return ""


def _gone(session: Session) -> int:
    """Begun, less those that are there and those that were purged: of one moment too."""
    begun = select(func.count()).where(AuditEvent.verb == BEGINS).scalar_subquery()
    there = select(func.count(Report.id)).scalar_subquery()
    purged = select(func.coalesce(func.sum(Tombstone.reports), 0)).scalar_subquery()
    return int(session.scalar(select(begun - there - purged)) or 0)
