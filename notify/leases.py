"""Leases of claimed attempts: each ends after a few seconds, and what it held is due again."""

from typing import cast

from sqlalchemy import BigInteger, BindParameter, Table, bindparam, case, select, update
from sqlalchemy.orm import Session

from notify.channels.faults import UNRECORDED
from notify.claims import still_wanted
from notify.tables import Attempt

_ATTEMPT = cast("Table", Attempt.__table__)
_A = _ATTEMPT.c
_NOW: BindParameter[int] = bindparam("now", type_=BigInteger)
_EXPIRED = (_A.state == "claimed") & (_A.lease_until < _NOW)
_RENEW = (
    update(_ATTEMPT)
    .where(_A.token == bindparam("own_token"), _A.state == "claimed")
    .values(lease_until=bindparam("lease_end"))
)
_RELEASE = (
    update(_ATTEMPT)
    # Who holds one is noting its end at last, or releases it too.
    .where(_A.id.in_(select(_A.id).where(_EXPIRED).with_for_update(skip_locked=True)))
    .values(
        state=case((still_wanted(), "due"), else_="cancelled"),
        error_code=UNRECORDED,
        token=None,
        lease_until=None,
        hinted_until=0,
    )
)
_ANY_EXPIRED = select(_A.id).where(_EXPIRED).limit(1)


def renew(session: Session, now: int, token: str, lease_ms: int) -> bool:
    """Let the lease of what is claimed under ``token`` begin ``now``; False: it ran out and is not ours."""
    facts = {"own_token": token, "lease_end": now + lease_ms}
    return session.connection().execute(_RENEW, facts).rowcount > 0


def release_expired(session: Session, now: int) -> None:
    """Attempts whose lease ran out are due again (or cancelled, where somebody has the page)."""
    session.connection().execute(_RELEASE, {"now": now})


def has_expired(session: Session, now: int) -> bool:
    """Whether any lease ran out."""
    return session.connection().execute(_ANY_EXPIRED, {"now": now}).scalar() is not None
