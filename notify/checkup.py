"""How each way of a person stands: is it verified, what became of the last try, and of the last test?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, undefer

from notify import findings, notes
from notify.channels import TEXT
from notify.channels.faults import fault_of
from notify.duty_tables import ContactMethod, OptOut
from notify.tables import Attempt

_SHOWN_MS = 14 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Try:
    """``state``: as an attempt's. ``whose``: of one that failed, what is to be mended.

    phone (the address, or what refuses us there), stop (it sent STOP), rang (nobody took the call),
    account (our own) or later (nothing: it may work the next time).
    """

    at: int
    state: str
    whose: str = ""


@dataclass(frozen=True)
class Checked:
    """One way, without its address, which only the pager can open. ``quiet``: as ``22:00-06:30``.

    ``address_key``, ``ending_key``: by which its own person is told the last digits of a phone.
    """

    id: str
    channel: str
    after_s: int
    quiet: str
    verified: bool
    stopped: bool
    last: Try | None
    test: Try | None
    address_key: str = field(default="", repr=False)
    ending_key: str | None = field(default=None, repr=False)

    @property
    def faulty(self) -> bool:
        """Whether somebody should mend it before it is needed."""
        failed = self.last is not None and self.last.whose in {"phone", "stop", "later"}
        return not self.verified or self.stopped or failed


def look(session: Session, now: int, responders: Collection[str]) -> dict[str, list[Checked]]:
    """The ways of each of ``responders``, in the order in which they are preferred, if any."""
    own = select(ContactMethod).where(ContactMethod.responder_id.in_(responders))
    own = own.options(undefer(ContactMethod.ending_key))
    ways = session.scalars(own.order_by(ContactMethod.rank, ContactMethod.id)).all()
    stopped = set(session.scalars(select(OptOut.address_key)))
    ids = [way.id for way in ways]
    last, tests = (
        _last(session, now, Attempt.method_id.in_(ids) & which)
        for which in (Attempt.kind != "", Attempt.kind == notes.TEST)
    )
    found: dict[str, list[Checked]] = {one: [] for one in responders}
    for way in ways:
        found[way.responder_id].append(
            Checked(
                way.id,
                way.channel,
                way.after_s or 0,
                (way.quiet or "").partition(" ")[0],
                way.verified_at is not None,
                way.channel == TEXT and way.address_key in stopped,
                last.get(way.id),
                tests.get(way.id),
                way.address_key,
                way.ending_key,
            )
        )
    return found


def _last(session: Session, now: int, which: ColumnElement[bool]) -> Mapping[str | None, Try]:
    turn = func.row_number().over(
        partition_by=Attempt.method_id, order_by=(Attempt.created_at.desc(), Attempt.id)
    )
    recent = Attempt.created_at > now - _SHOWN_MS
    columns = (Attempt.method_id, Attempt.state, Attempt.error_code, Attempt.created_at)
    tried = select(*columns, turn.label("turn")).where(recent, which, Attempt.state != "cancelled").subquery()
    rows = session.execute(select(tried).where(tried.c.turn == 1))
    return {row.method_id: Try(row.created_at, row.state, _whose(row.state, row.error_code)) for row in rows}


def _whose(state: str, code: str | None) -> str:
    if state != "failed":
        return ""
    if code == findings.OPTED_OUT:
        return "stop"
    if findings.is_no_fault_of_it(code):
        return "account" if fault_of(code or "").alarm == "system" else "rang"
    return "phone" if fault_of(code or "").permanent else "later"
