"""The outbox's three statements: hint, claim, release. Whoever holds a row's token may record its end.

A hint says "somebody is about to look"; a claim says "somebody is calling the provider until the lease ends".
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.orm import Session

from notify.tables import Attempt, Page


def pick(session: Session, now: int, limit: int, doubtful: Sequence[str] = ()) -> list[str]:
    """Ids of due attempts nobody looks at: most urgent first, then schools in turn, then age.

    Attempts of ``doubtful`` channels come after the others of their urgency.
    """
    turn = func.row_number().over(
        partition_by=(Attempt.rank, Attempt.school), order_by=(Attempt.due_at, Attempt.id)
    )
    free = (Attempt.state == "due") & (Attempt.due_at <= now) & (Attempt.hinted_until <= now)
    last = case((Attempt.channel.in_(doubtful), 1), else_=0)
    order = (Attempt.rank, last, turn, Attempt.due_at)
    return list(session.scalars(select(Attempt.id).where(free).order_by(*order).limit(limit)))


def hint(session: Session, now: int, ids: Sequence[str], until: int) -> list[str]:
    """Mark ``ids`` as looked at until ``until``; those that another relay hinted first are left out."""
    free = Attempt.id.in_(ids) & (Attempt.state == "due") & (Attempt.hinted_until <= now)
    marked = update(Attempt).where(free).values(hinted_until=until).returning(Attempt.id)
    won = set(session.scalars(marked, execution_options={"synchronize_session": False}))
    return [one for one in ids if one in won]


def claim(session: Session, now: int, attempt_id: str, token: str, lease_ms: int) -> Attempt | None:
    """Take one attempt, hinted or not, under our own ``token``; None when it is not (or no longer) due.

    One statement: of two jobs for the same row one gets it. A page that somebody has is not tried again.
    """
    ready = (Attempt.state == "due") & (Attempt.due_at <= now)
    expired = (Attempt.state == "claimed") & (Attempt.lease_until < now)
    ours = select(Attempt.id).where(Attempt.id == attempt_id, or_(ready, expired), _still_wanted())
    taken = (
        update(Attempt)
        .where(Attempt.id == ours.with_for_update(skip_locked=True, of=Attempt).scalar_subquery())
        .values(state="claimed", token=token, lease_until=now + lease_ms, tries=Attempt.tries + 1)
        .returning(Attempt)
    )
    return session.scalar(taken, execution_options={"synchronize_session": False})


def drop_unwanted(session: Session, attempt_id: str) -> None:
    """Cancel an attempt that could not be claimed because somebody has its page by now."""
    mine = (Attempt.id == attempt_id) & (Attempt.state == "due") & ~_still_wanted()
    session.execute(update(Attempt).where(mine).values(state="cancelled"))


def held(session: Session, attempt_id: str, token: str) -> Attempt | None:
    """The attempt, locked, if it is still claimed under ``token``."""
    ours = (Attempt.id == attempt_id) & (Attempt.token == token) & (Attempt.state == "claimed")
    return session.scalar(select(Attempt).where(ours).with_for_update())


def release_hints(session: Session, ids: Sequence[str]) -> None:
    """Give back what was hinted and will not be looked at: this process stops."""
    stopped = Attempt.id.in_(ids) & (Attempt.state == "due")
    session.execute(update(Attempt).where(stopped).values(hinted_until=0))


def release_leases(session: Session, now: int) -> int:
    """Attempts whose lease ran out are due again (or cancelled, where somebody has the page). How many."""
    expired = (Attempt.state == "claimed") & (Attempt.lease_until < now)
    again = case((_still_wanted(), "due"), else_="cancelled")
    values = {"state": again, "token": None, "lease_until": None, "hinted_until": 0}
    released = update(Attempt).where(expired).values(values).returning(Attempt.id)
    return len(session.scalars(released, execution_options={"synchronize_session": False}).all())


def has_expired(session: Session, now: int) -> bool:
    """Whether any lease ran out."""
    expired = select(Attempt.id).where(Attempt.state == "claimed", Attempt.lease_until < now)
    return session.scalar(expired.limit(1)) is not None


def _still_wanted() -> ColumnElement[bool]:
    is_open = select(Page.id).where(Page.id == Attempt.page_id, Page.state == "open").exists()
    return or_(Attempt.kind != "page", is_open)
