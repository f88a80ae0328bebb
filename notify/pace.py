"""How fast texts leave: most urgent first, schools in turn, one at a time from a number and to a phone.

Lanes are rows: any number of relays on any number of hosts keep one pace between them. Calls go apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, String, bindparam, case, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from notify import claims
from notify.channels import TEXT
from notify.claims import Due
from notify.duty_tables import ContactMethod
from notify.settings import PagingSettings, milliseconds
from notify.tables import Attempt, Letter, Pace
from vault.clock import Clock

SENDERS = ("pager", "line")
_NOW: BindParameter[int] = bindparam("now")
# A lane that is held for longer than any pause was taken before a clock was set back: it is free.
_LATEST: BindParameter[int] = bindparam("latest")
# What leaves by the pager's second number keeps the pace of its first: slower than it might.
_SENDER = case((Letter.sender == "line", "line"), else_="pager")
# Who asks for somebody goes before who only tells.
_WEIGHT = case((Attempt.kind == "page", Attempt.rank), else_=Attempt.rank + 1)
_PHONE, _SCHOOL = aliased(Pace), aliased(Pace)
_NUMBER_IS_TAKEN = exists().where(
    Pace.lane == bindparam("number", type_=String), Pace.free_at > _NOW, Pace.free_at <= _LATEST
)
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
        Attempt.channel == TEXT,
        bindparam("sender", type_=String) == _SENDER,
        # What is more urgent does not wait because something calmer went to that phone.
        or_(_PHONE.lane.is_(None), _PHONE.free_at <= _NOW, _PHONE.free_at > _LATEST, _PHONE.rank > _WEIGHT),
        ~_NUMBER_IS_TAKEN,
    )
    .order_by(
        _WEIGHT, case((_SCHOOL.free_at <= _LATEST, _SCHOOL.free_at), else_=0), Attempt.due_at, Attempt.id
    )
    .limit(1)
)
_TAKE = text(
    "INSERT INTO pace (lane, free_at, rank) VALUES (:lane, :free_at, :rank)"
    " ON CONFLICT (lane) DO UPDATE SET free_at = excluded.free_at, rank = excluded.rank"
    " WHERE pace.free_at <= :now OR pace.free_at > :latest OR pace.rank > :rank RETURNING lane"
)
_WAITING = exists().where(claims.FREE, Attempt.channel == TEXT)
_NEXT_FREE = select(func.min(Pace.free_at)).where(Pace.free_at > _NOW, Pace.free_at <= _LATEST, _WAITING)
# No rank is above it: a sending number is free for all alike.
_ALIKE = -1


@dataclass(frozen=True)
class Picked:
    """``more``: another text may find a free lane. ``again_at``: when one frees, while texts wait (ms)."""

    ids: list[str]
    more: bool = False
    again_at: int | None = None


@dataclass(frozen=True)
class Pointed:
    """Attempts that are looked at from now on; ``more`` as of ``Picked``. ``wait_ms``: until a lane frees."""

    ids: list[str]
    more: bool = False
    wait_ms: int | None = None


def point(
    session: Session, clock: Clock, limit: int, doubtful: Sequence[str], settings: PagingSettings
) -> Pointed:
    """Pick attempts as ``pick`` does and hint at them, but at none that another relay hinted first."""
    hint_ms = milliseconds(settings.hint_s)
    if settings.is_unpaced:
        return Pointed(claims.point(session, clock, limit, doubtful, hint_ms))
    now = clock.now(session)
    picked = pick(session, now, limit, doubtful, settings)
    found = claims.hint(session, now, picked.ids, now + hint_ms)
    return Pointed(found, picked.more, None if picked.again_at is None else picked.again_at - now)


def pick(session: Session, now: int, limit: int, doubtful: Sequence[str], settings: PagingSettings) -> Picked:
    """Due attempts as ``claims.pick`` has them, but texts at their pace. Their places are taken by this."""
    if settings.is_unpaced:
        return Picked(claims.pick(session, now, limit, doubtful))
    moment = {"now": now, "latest": now + milliseconds(settings.longest_hold_s)}
    texts = {one.id: one for sender in SENDERS for one in _next_text(session, moment, sender)}
    due = [*(Due(one.id, one.rank, TEXT) for one in texts.values())]
    due += claims.pick_but_texts(session, now, limit, doubtful)
    due.sort(key=lambda one: (one.rank, one.channel in doubtful))
    chosen = [one.id for one in due[:limit]]
    won = _take_lanes(session, moment, [texts[one] for one in chosen if one in texts], settings)
    ids = [one for one in chosen if one not in texts or one in won]
    return Picked(ids, bool(won), None if won else session.scalar(_NEXT_FREE, moment))


def _next_text(session: Session, moment: Mapping[str, int], sender: str) -> Sequence[Row[Any]]:
    """The text whose turn it is, if the number is free."""
    return session.execute(_NEXT, {**moment, "sender": sender, "number": f"number:{sender}"}).all()


def _take_lanes(
    session: Session, moment: Mapping[str, int], texts: Sequence[Row[Any]], settings: PagingSettings
) -> set[str]:
    """Ids of those ``texts`` whose number no other relay took meanwhile.

    Every relay takes numbers, then schools, then phones, each in their order: no two wait for one another.
    """
    between = round(1000 / settings.texts_per_s) if settings.texts_per_s else 0
    pause = milliseconds(settings.phone_pause_s)
    by_number = sorted(texts, key=lambda one: str(one.sender))
    won = [one for one in by_number if _take(session, moment, f"number:{one.sender}", between, _ALIKE)]
    for school in sorted({one.school for one in won}):
        _take(session, moment, f"school:{school}", 0, _ALIKE)
    for phone, weight in sorted((one.address_key, one.weight) for one in won if one.address_key is not None):
        _take(session, moment, f"phone:{phone}", pause, weight)
    return {one.id for one in won}


def _take(session: Session, moment: Mapping[str, int], lane: str, pause_ms: int, rank: int) -> bool:
    """Hold ``lane`` for ``pause_ms``; False when it is held already by something as urgent."""
    facts = {**moment, "lane": lane, "free_at": moment["now"] + pause_ms, "rank": rank}
    return session.execute(_TAKE, facts).first() is not None
