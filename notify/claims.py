"""The outbox's statements: pick, hint, claim, release. Whoever holds a row's token may record its end.

A hint says "somebody is about to look"; a claim says "somebody is calling the provider until the lease ends".
They are built once: SQLAlchemy needs longer to put one together than SQLite to run it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from notify.channels.faults import IN_DOUBT, UNRECORDED
from notify.tables import Attempt, ContactMethod, Page

TEXT = "sms"
_NOW: BindParameter[int] = bindparam("now")
_ID: BindParameter[str] = bindparam("attempt_id")
_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)


def _still_wanted() -> ColumnElement[bool]:
    is_open = select(Page.id).where(Page.id == Attempt.page_id, Page.state == "open").exists()
    return or_(Attempt.kind != "page", is_open)


_DUE = (Attempt.state == "due") & (Attempt.due_at <= _NOW)
FREE = _DUE & (Attempt.hinted_until <= _NOW)
_EXPIRED = (Attempt.state == "claimed") & (Attempt.lease_until < _NOW)
# Texts before calls of the same moment: they carry the digits.
_AGE = (Attempt.due_at, Attempt.channel, Attempt.id)
_TURN = func.row_number().over(partition_by=(Attempt.rank, Attempt.school), order_by=_AGE)
_LAST = case((Attempt.channel.in_(bindparam("doubtful", expanding=True)), 1), else_=0)
_PICK = (
    select(Attempt.id, Attempt.rank, Attempt.channel)
    .where(FREE)
    .order_by(Attempt.rank, _LAST, _TURN, *_AGE)
    .limit(bindparam("count"))
)
_PICK_BUT_TEXTS = _PICK.where(Attempt.channel != TEXT)
_HINT = (
    update(Attempt)
    .where(Attempt.id.in_(_IDS), FREE)
    .values(hinted_until=bindparam("until"))
    .returning(Attempt.id)
)
_OURS = (
    select(Attempt.id)
    .where(Attempt.id == _ID, or_(_DUE, _EXPIRED), _still_wanted())
    .with_for_update(skip_locked=True, of=Attempt)
)
# What broke off may have been taken by the provider; so may what ended in certain errors.
_BROKEN_OFF = Attempt.state == "claimed"
_IN_DOUBT = or_(_BROKEN_OFF, Attempt.error_code.in_(IN_DOUBT))
_CLAIM = (
    update(Attempt)
    .where(Attempt.id == _OURS.scalar_subquery())
    .values(
        state="claimed",
        token=bindparam("new_token"),
        lease_until=bindparam("lease_end") + case((_IN_DOUBT, bindparam("asking")), else_=0),
        error_code=case((_BROKEN_OFF, UNRECORDED), else_=Attempt.error_code),
        tries=Attempt.tries + 1,
    )
    .returning(Attempt.kind, Attempt.error_code)
)
_TO_JOIN = (
    select(Attempt.id)
    .join(ContactMethod, ContactMethod.id == Attempt.method_id)
    .where(
        ContactMethod.address_key == bindparam("address_key"),
        Attempt.channel == TEXT,
        Attempt.kind == bindparam("same_kind"),
        _DUE,
        _still_wanted(),
        or_(Attempt.error_code.is_(None), Attempt.error_code.not_in(IN_DOUBT)),
    )
    .order_by(Attempt.rank, *_AGE)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True, of=Attempt)
)
_JOIN = (
    update(Attempt)
    .where(Attempt.id.in_(_IDS))
    .values(
        state="claimed",
        token=bindparam("new_token"),
        lease_until=bindparam("lease_end"),
        tries=Attempt.tries + 1,
    )
)
_DROP = (
    update(Attempt)
    .where(Attempt.id == _ID, Attempt.state == "due", ~_still_wanted())
    .values(state="cancelled")
)
_HELD = (
    select(Attempt)
    .where(Attempt.token == bindparam("own_token"), Attempt.state == "claimed")
    .with_for_update()
)
_RELEASE = (
    update(Attempt)
    .where(_EXPIRED)
    .values(
        state=case((_still_wanted(), "due"), else_="cancelled"),
        error_code=UNRECORDED,
        token=None,
        lease_until=None,
        hinted_until=0,
    )
)
_ANY_EXPIRED = select(Attempt.id).where(_EXPIRED).limit(1)
# What a session holds in memory is not touched: none of these rows is read before it is written.
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True)
class Due:
    """An attempt that may be pointed at."""

    id: str
    rank: int
    channel: str


@dataclass(frozen=True)
class Claimed:
    """``in_doubt``: the provider may have taken an earlier try of it."""

    kind: str
    in_doubt: bool


def pick(session: Session, now: int, limit: int, doubtful: Sequence[str] = ()) -> list[str]:
    """Ids of due attempts nobody looks at: most urgent first, then schools in turn, then age.

    Attempts of ``doubtful`` channels come after the others of their urgency.
    """
    return list(session.scalars(_PICK, {"now": now, "count": limit, "doubtful": list(doubtful)}))


def pick_but_texts(session: Session, now: int, limit: int, doubtful: Sequence[str]) -> list[Due]:
    """The same of everything but texts."""
    found = session.execute(_PICK_BUT_TEXTS, {"now": now, "count": limit, "doubtful": list(doubtful)})
    return [Due(*row) for row in found]


def hint(session: Session, now: int, ids: Sequence[str], until: int) -> list[str]:
    """Mark ``ids`` as looked at until ``until``; those that another relay hinted first are left out."""
    if not ids:
        return []
    facts = {"now": now, "ids": list(ids), "until": until}
    won = set(session.scalars(_HINT, facts, execution_options=_PLAIN))
    return [one for one in ids if one in won]


def claim(
    session: Session, now: int, attempt_id: str, token: str, lease_ms: int, asking_ms: int = 0
) -> Claimed | None:
    """Take one attempt, hinted or not, under our own ``token``; None when it is not due.

    One statement: of two jobs for the same row one gets it. A page that somebody has is not tried again.
    ``asking_ms`` is added to the lease where the provider must first be asked about an earlier try.
    """
    facts = {"now": now, "attempt_id": attempt_id, "new_token": token, "lease_end": now + lease_ms}
    row = session.execute(_CLAIM, facts | {"asking": asking_ms}, execution_options=_PLAIN).first()
    return Claimed(row.kind, row.error_code in IN_DOUBT) if row else None


def join(
    session: Session, now: int, address_key: str, kind: str, token: str, lease_ms: int, limit: int
) -> list[str]:
    """Take the other due texts of one ``kind`` to one phone under ``token``, ``limit`` at most; their ids.

    None of which the provider may already have an earlier try: that one must be asked about by itself.
    """
    due = {"now": now, "address_key": address_key, "same_kind": kind, "count": limit}
    ids = list(session.scalars(_TO_JOIN, due))
    if ids:
        facts = {"ids": ids, "new_token": token, "lease_end": now + lease_ms}
        session.execute(_JOIN, facts, execution_options=_PLAIN)
    return ids


def drop_unwanted(session: Session, attempt_id: str) -> None:
    """Cancel an attempt that could not be claimed because somebody has its page by now."""
    session.execute(_DROP, {"attempt_id": attempt_id}, execution_options=_PLAIN)


def held(session: Session, token: str) -> Sequence[Attempt]:
    """What is still claimed under ``token``, locked."""
    return session.scalars(_HELD, {"own_token": token}).all()


def release_hints(session: Session, ids: Sequence[str]) -> None:
    """Give back what was hinted and will not be looked at: this process stops."""
    stopped = Attempt.id.in_(ids) & (Attempt.state == "due")
    session.execute(update(Attempt).where(stopped).values(hinted_until=0))


def release_leases(session: Session, now: int) -> None:
    """Attempts whose lease ran out are due again (or cancelled, where somebody has the page)."""
    session.execute(_RELEASE, {"now": now}, execution_options=_PLAIN)


def has_expired(session: Session, now: int) -> bool:
    """Whether any lease ran out."""
    return session.scalar(_ANY_EXPIRED, {"now": now}) is not None
