"""Claim an attempt and read what it says: between a page's commit and its phone ringing.

PostgreSQL does both with one statement, by its own clock, and so in one round trip. SQLite, which has no such
statement, has no round trips either.
"""

from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    case,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from notify import claims, errand
from notify.channels import TEXT
from notify.channels.faults import IN_DOUBT, UNRECORDED
from notify.duty_tables import ContactMethod
from notify.errand import Errand
from notify.tables import Attempt, PageCode
from vault.clock import MOMENT, Clock, told_now
from vault.database import connection_of
from vault.statements import Found, Statement

_ATTEMPT, _CODE, _METHOD = (cast("Table", one.__table__) for one in (Attempt, PageCode, ContactMethod))
_A = _ATTEMPT.c
# What broke off may have been taken by the provider; so may what ended in certain errors.
_BROKEN_OFF = _A.state == "claimed"


def _claim(now: ColumnElement[int]) -> Update:
    """Of two jobs for the same row one gets it. A page that somebody has is not tried again.

    Who holds the row is waited for, the time of a statement: another relay may only just be looking at it,
    and a job that passed over it then would leave it lying until its hint runs out.
    """
    is_free = or_((_A.state == "due") & (_A.due_at <= now), _BROKEN_OFF & (_A.lease_until < now))
    ours = select(_A.id).where(_A.id == bindparam("attempt_id"), is_free, claims.still_wanted())
    asking = case((or_(_BROKEN_OFF, claims.ENDS_IN_DOUBT), bindparam("asking", type_=BigInteger)), else_=0)
    return (
        update(_ATTEMPT)
        .where(_A.id == ours.with_for_update(of=_ATTEMPT).scalar_subquery())
        .values(
            state="claimed",
            token=bindparam("new_token"),
            lease_until=now + bindparam("lease", type_=BigInteger) + asking,
            error_code=case((_BROKEN_OFF, UNRECORDED), else_=_A.error_code),
            tries=_A.tries + 1,
        )
    )


def _claim_and_read() -> Select[*tuple[Any, ...]]:
    claimed = _claim(MOMENT).returning(*_A).cte("claimed")
    counted = (
        update(_CODE)
        .where(
            _METHOD.c.id == claimed.c.method_id,
            _CODE.c.page_id == claimed.c.page_id,
            _CODE.c.address_key == _METHOD.c.address_key,
            claimed.c.channel == TEXT,
            or_(*(claimed.c.kind == kind for kind in sorted(errand.WITH_CODE))),
        )
        .values(sent_at=MOMENT)
        .cte("counted")
    )
    said = errand.said_by(claimed).add_columns(claimed.c.error_code, MOMENT.label("now"))
    return said.add_cte(counted)


_ALONE = Statement(_claim(bindparam("now", type_=BigInteger)).returning(_A.error_code))
_AND_READ = Statement(_claim_and_read())


def claim(
    session: Session, clock: Clock, attempt_id: str, token: str, lease_ms: int, asking_ms: int = 0
) -> tuple[int, Errand] | None:
    """Take one attempt, hinted or not, under our own ``token``: the moment, and what there is to do.

    None when it is not due, or nobody wants it any more. ``asking_ms`` is added to the lease where the
    provider must first be asked about an earlier try.
    """
    facts = {"attempt_id": attempt_id, "new_token": token, "lease": lease_ms, "asking": asking_ms}
    if connection_of(session).dialect.name == "sqlite":
        now = clock.now(session)
        taken = _ALONE.run(session, {"now": now, **facts})
        found = errand.prepare(session, now, attempt_id, in_doubt=_in_doubt(taken[0])) if taken else None
    else:
        taken = _AND_READ.run(session, {"now": told_now(clock, session), **facts})
        now = taken[0].now if taken else 0
        found = errand.of(session, taken[0], in_doubt=_in_doubt(taken[0])) if taken else None
    if found is None:
        claims.drop_unwanted(session, attempt_id)
        return None
    return now, found


def _in_doubt(claimed: Found) -> bool:
    return claimed.error_code in IN_DOUBT
