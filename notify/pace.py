"""How fast texts leave: most urgent first, schools in turn, one at a time from a number and to a phone.

Lanes are rows: any number of relays on any number of hosts keep one pace between them. Calls go apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, String, bindparam, case, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from notify import claims
from notify.claims import Due
from notify.settings import PagingSettings, milliseconds
from notify.tables import Attempt, ContactMethod, Letter, Pace

SENDERS = ("pager", "line")
_NOW: BindParameter[int] = bindparam("now")
_SENDER = func.coalesce(Letter.sender, "pager")
# Who asks for somebody goes before who only tells.
_WEIGHT = case((Attempt.kind == "page", Attempt.rank), else_=Attempt.rank + 1)
_PHONE, _SCHOOL = aliased(Pace), aliased(Pace)
_NUMBER_IS_TAKEN = exists().where(Pace.lane == bindparam("number", type_=String), Pace.free_at > _NOW)
_NEXT = (
    select(
        Attempt.id,
        Attempt.rank,
        Attempt.school,
        ContactMethod.address_key,
        _WEIGHT.label("weight"),
        _SENDER.label("sender"),
    )
    .outerjoin(Letter, Letter.id == Attempt.letter_id)
    .outerjoin(ContactMethod, ContactMethod.id == Attempt.method_id)
    .outerjoin(_PHONE, _PHONE.lane == "phone:" + ContactMethod.address_key)
    .outerjoin(_SCHOOL, _SCHOOL.lane == "school:" + Attempt.school)
    .where(
        claims.FREE,
        Attempt.channel == claims.TEXT,
        bindparam("sender", type_=String) == _SENDER,
        # What is more urgent does not wait because something calmer went to that phone.
        or_(_PHONE.lane.is_(None), _PHONE.free_at <= _NOW, _PHONE.rank > _WEIGHT),
        ~_NUMBER_IS_TAKEN,
    )
    .order_by(_WEIGHT, func.coalesce(_SCHOOL.free_at, 0), Attempt.due_at, Attempt.id)
    .limit(1)
)
_TAKE = text(
    "INSERT INTO pace (lane, free_at, rank) VALUES (:lane, :free_at, :rank)"
    " ON CONFLICT (lane) DO UPDATE SET free_at = excluded.free_at, rank = excluded.rank"
    " WHERE pace.free_at <= :now OR pace.rank > :rank RETURNING lane"
)
_WAITING = exists().where(claims.FREE, Attempt.channel == claims.TEXT)
_NEXT_FREE = select(func.min(Pace.free_at)).where(Pace.free_at > _NOW, _WAITING)
# No rank is above it: a sending number is free for all alike.
_ALIKE = -1


@dataclass(frozen=True)
class Picked:
    """``more``: another text may find a free lane. ``again_at``: when one frees, while texts wait (ms)."""

    ids: list[str]
    more: bool = False
    again_at: int | None = None


def pick(session: Session, now: int, limit: int, doubtful: Sequence[str], settings: PagingSettings) -> Picked:
    """Due attempts as ``claims.pick`` has them, but texts at their pace. Their places are taken by this."""
    if not settings.texts_per_s and not settings.phone_pause_s:
        return Picked(claims.pick(session, now, limit, doubtful))
    texts = {one.id: one for sender in SENDERS for one in _next_text(session, now, sender)}
    due = [*(Due(one.id, one.rank, claims.TEXT) for one in texts.values())]
    due += claims.pick_but_texts(session, now, limit, doubtful)
    due.sort(key=lambda one: (one.rank, one.channel in doubtful))
    ids = [
        one.id
        for one in due[:limit]
        if one.id not in texts or _take_lanes(session, now, texts[one.id], settings)
    ]
    more = not texts.keys().isdisjoint(ids)
    return Picked(ids, more, None if more else session.scalar(_NEXT_FREE, {"now": now}))


def _next_text(session: Session, now: int, sender: str) -> Sequence[Row[Any]]:
    """The text whose turn it is, if the number is free."""
    return session.execute(_NEXT, {"now": now, "sender": sender, "number": f"number:{sender}"}).all()


def _take_lanes(session: Session, now: int, found: Row[Any], settings: PagingSettings) -> bool:
    between = round(1000 / settings.texts_per_s) if settings.texts_per_s else 0
    if not _take(session, now, f"number:{found.sender}", between, _ALIKE):
        return False  # another relay was faster
    _take(session, now, f"school:{found.school}", 0, _ALIKE)
    if found.address_key is not None:
        _take(session, now, f"phone:{found.address_key}", milliseconds(settings.phone_pause_s), found.weight)
    return True


def _take(session: Session, now: int, lane: str, pause_ms: int, rank: int) -> bool:
    """Hold ``lane`` for ``pause_ms``; False when it is held already by something as urgent."""
    facts = {"lane": lane, "free_at": now + pause_ms, "rank": rank, "now": now}
    return session.execute(_TAKE, facts).first() is not None
