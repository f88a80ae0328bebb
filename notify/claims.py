"""The outbox's statements: pick, hint, join, record. Whoever holds a row's token may record its end.

A hint says "somebody is about to look"; a claim says "somebody is calling the provider until the lease ends"
(``notify.claiming``).
They are built once, of tables and not of classes: SQLAlchemy needs longer to put one together than SQLite to
run it, and as long again to see what a statement about classes means for what a session holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    CursorResult,
    Executable,
    Row,
    Select,
    Table,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from notify.channels import CALL, TEXT
from notify.channels.faults import IN_DOUBT
from notify.duty_tables import ContactMethod
from notify.tables import Attempt, Page
from vault.clock import MOMENT, Clock, told_now
from vault.database import connection_of
from vault.statements import Statement

_ATTEMPT, _METHOD = cast("Table", Attempt.__table__), cast("Table", ContactMethod.__table__)
_A, _M, _P = _ATTEMPT.c, _METHOD.c, Page.__table__.c
_NOW: BindParameter[int] = bindparam("now", type_=BigInteger)
_ID: BindParameter[str] = bindparam("attempt_id")
_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)


def still_wanted() -> ColumnElement[bool]:
    """Whether somebody still wants what an attempt asks for: not, once its page has been taken."""
    is_open = select(_P.id).where(_P.id == _A.page_id, _P.state == "open").exists()
    return or_(_A.kind != "page", is_open)


def _due(now: ColumnElement[int]) -> ColumnElement[bool]:
    return (_A.state == "due") & (_A.due_at <= now)


def _free(now: ColumnElement[int]) -> ColumnElement[bool]:
    return _due(now) & (_A.hinted_until <= now)


_DUE, FREE = _due(_NOW), _free(_NOW)
# Texts before calls of the same moment, for they carry the digits; what rings nobody's telephone after both.
_AGE = (_A.due_at, (_A.channel != TEXT) & (_A.channel != CALL), _A.channel, _A.id)
_TURN = func.row_number().over(partition_by=(_A.rank, _A.school), order_by=_AGE)
_LAST = case((_A.channel.in_(bindparam("doubtful", expanding=True)), 1), else_=0)
_ORDER = (_A.rank, _LAST, _TURN, *_AGE)


def _pick(now: ColumnElement[int]) -> Select[str, int, str]:
    return select(_A.id, _A.rank, _A.channel).where(_free(now)).order_by(*_ORDER).limit(bindparam("count"))


def _unheld(*which: ColumnElement[bool]) -> Select[str]:
    """Rows that nobody holds: a hint waits for none, for their holder may want another of the hinted."""
    return select(_A.id).where(*which).with_for_update(skip_locked=True)


def _pick_and_hint() -> Select[str]:
    """For PostgreSQL: by its own clock, and without a round trip for each."""
    places = (one.label(f"place_{number}") for number, one in enumerate(_ORDER))
    picked = _pick(MOMENT).add_columns(*places).cte("picked")
    hinted = (
        update(_ATTEMPT)
        .where(_A.id.in_(_unheld(_A.id.in_(select(picked.c.id)), _free(MOMENT))))
        .values(hinted_until=MOMENT + bindparam("hint", type_=BigInteger))
        .returning(_A.id)
        .cte("hinted")
    )
    places_taken = (picked.c[f"place_{number}"] for number, _ in enumerate(_ORDER))
    return select(picked.c.id).join(hinted, hinted.c.id == picked.c.id).order_by(*places_taken)


_PICK = _pick(_NOW)
_PICK_BUT_TEXTS = _PICK.where(_A.channel != TEXT)
_POINT = Statement(_pick_and_hint())
_HINT = (
    update(_ATTEMPT)
    .where(_A.id.in_(_unheld(_A.id.in_(_IDS), FREE)))
    .values(hinted_until=bindparam("until"))
    .returning(_A.id)
)
# After these the provider may have it.
ENDS_IN_DOUBT = or_(*(_A.error_code == code for code in IN_DOUBT))
_TO_JOIN = (
    select(_A.id)
    .join(_METHOD, _M.id == _A.method_id)
    .where(
        _M.address_key == bindparam("address_key"),
        _A.channel == TEXT,
        _A.kind == bindparam("same_kind"),
        _DUE,
        still_wanted(),
        or_(_A.error_code.is_(None), ~ENDS_IN_DOUBT),
    )
    .order_by(_A.rank, *_AGE)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True, of=_ATTEMPT)
)
_JOIN = (
    update(_ATTEMPT)
    .where(_A.id.in_(_IDS))
    .values(
        state="claimed",
        token=bindparam("new_token"),
        lease_until=bindparam("lease_end"),
        tries=_A.tries + 1,
    )
)
_DROP = update(_ATTEMPT).where(_A.id == _ID, _A.state == "due", ~still_wanted()).values(state="cancelled")
_OURS = (_A.token == bindparam("own_token")) & (_A.state == "claimed")
_HELD = select(Attempt).where(_OURS).order_by(_A.id).with_for_update()
_SENT = (
    update(_ATTEMPT)
    # Locked in the order in which the carrier's word on them locks them.
    .where(_A.id.in_(select(_A.id).where(_OURS).order_by(_A.id).with_for_update()))
    .values(
        state="sent",
        provider_id=bindparam("taken_as"),
        sender=bindparam("taken_by"),
        sent_at=_NOW,
        asked_at=None,
        token=None,
        lease_until=None,
    )
    .returning(_A.id, _A.kind, _A.page_id, _A.channel, _A.sender, _A.letter_id)
)


@dataclass(frozen=True)
class Due:
    """An attempt that may be pointed at."""

    id: str
    rank: int
    channel: str


def pick(session: Session, now: int, limit: int, doubtful: Sequence[str] = ()) -> list[str]:
    """Ids of due attempts nobody looks at: most urgent first, then schools in turn, then age.

    Attempts of ``doubtful`` channels come after the others of their urgency.
    """
    return list(_run(session, _PICK, {"now": now, "count": limit, "doubtful": list(doubtful)}).scalars())


def point(session: Session, clock: Clock, limit: int, doubtful: Sequence[str], hint_ms: int) -> list[str]:
    """``pick``, and ``hint`` for ``hint_ms``."""
    if connection_of(session).dialect.name == "sqlite":
        now = clock.now(session)
        return hint(session, now, pick(session, now, limit, doubtful), now + hint_ms)
    facts = {"now": told_now(clock, session), "count": limit, "hint": hint_ms, "doubtful": list(doubtful)}
    return [one.id for one in _POINT.run(session, facts)]


def pick_but_texts(session: Session, now: int, limit: int, doubtful: Sequence[str]) -> list[Due]:
    """The same of everything but texts."""
    found = _run(session, _PICK_BUT_TEXTS, {"now": now, "count": limit, "doubtful": list(doubtful)})
    return [Due(row.id, row.rank, row.channel) for row in found]


def hint(session: Session, now: int, ids: Sequence[str], until: int) -> list[str]:
    """Mark ``ids`` as looked at until ``until``; those that another relay hinted first are left out."""
    if not ids:
        return []
    facts = {"now": now, "ids": list(ids), "until": until}
    won = set(_run(session, _HINT, facts).scalars())
    return [one for one in ids if one in won]


def join(
    session: Session, now: int, address_key: str, kind: str, token: str, lease_ms: int, limit: int
) -> list[str]:
    """Take the other due texts of one ``kind`` to one phone under ``token``, ``limit`` at most; their ids.

    None of which the provider may already have an earlier try: that one must be asked about by itself.
    """
    due = {"now": now, "address_key": address_key, "same_kind": kind, "count": limit}
    ids = list(_run(session, _TO_JOIN, due).scalars())
    if ids:
        facts = {"ids": ids, "new_token": token, "lease_end": now + lease_ms}
        _run(session, _JOIN, facts)
    return ids


def drop_unwanted(session: Session, attempt_id: str) -> None:
    """Cancel an attempt that could not be claimed because somebody has its page by now."""
    _run(session, _DROP, {"attempt_id": attempt_id})


def pages_of(token: str) -> Select[str | None]:
    """Ids of the pages of what is claimed under ``token``."""
    return select(_A.page_id).where(_A.token == token, _A.state == "claimed")


def held(session: Session, token: str) -> Sequence[Attempt]:
    """What is still claimed under ``token``, locked."""
    return session.scalars(_HELD, {"own_token": token}).all()


def sent(session: Session, now: int, token: str, provider_id: str, sender: str) -> Sequence[Row[Any]]:
    """Note that ``sender``'s provider took what is claimed under ``token``; of each what ``outcome`` needs.

    Nothing where the token is not ours any more.
    """
    facts = {"own_token": token, "taken_as": provider_id, "taken_by": sender, "now": now}
    return _run(session, _SENT, facts).all()


def release_hints(session: Session, ids: Sequence[str]) -> None:
    """Give back what was hinted and will not be looked at: this process stops."""
    stopped = Attempt.id.in_(ids) & (Attempt.state == "due")
    session.execute(update(Attempt).where(stopped).values(hinted_until=0))


def _run(session: Session, statement: Executable, facts: Mapping[str, object]) -> CursorResult[Any]:
    """Past the session's own memory: none of these rows is read before it is written."""
    return session.connection().execute(statement, facts)
