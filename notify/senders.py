"""By which of our senders something leaves: the preferred one, unless it just failed or looks broken.

A sender is one account with one number at one provider; the line, whose words reporters see, has no other.
"""

from collections.abc import Collection, Mapping
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from notify.breaker import Breaker
from notify.channels import CALL, PAGER, SENDERS, TEXT, Channel
from notify.errand import Errand
from notify.tables import Attempt

_A = cast("Table", Attempt.__table__).c
_HOUR_MS = 3_600_000
_LEAVES_BY = (
    update(Attempt.__table__)  # type: ignore[arg-type]
    .where(_A.token == bindparam("own_token"))
    .values(sender=bindparam("by"))
)
LAST_FAILURE = (
    select(_A.sender)
    .where(
        _A.method_id == bindparam("method"),
        _A.error_code.is_not(None),
        _A.state.in_(("due", "claimed", "failed")),  # who sent it in the end did not fail
        _A.created_at > bindparam("since"),
    )
    .order_by(_A.created_at.desc(), _A.id)
    .limit(1)
)
Channels = Mapping[tuple[str, str], Channel]


def of(channels: Channels, found: Errand) -> Collection[str]:
    """The senders by which ``found`` may leave, as they are preferred."""
    own = SENDERS if found.sender in SENDERS else (found.sender,)
    return [one for one in own if (found.channel, one) in channels]


def choose(session: Session, now: int, channels: Channels, breaker: Breaker, found: Errand) -> str:
    """The sender for this try: not the one that last failed to reach that address within the hour."""
    able = of(channels, found)
    if len(able) < 2:  # noqa: PLR2004 - nothing to choose from
        return next(iter(able), found.sender)
    facts = {"method": found.method_id, "since": now - _HOUR_MS}
    failed = session.connection().execute(LAST_FAILURE, facts).first()
    avoided = (failed.sender or PAGER) if failed else ""
    return min(able, key=lambda one: (one == avoided, breaker.doubts(one)))


def names(channel: str, sender: str) -> Collection[str]:
    """What the end of a try speaks for or against: the channel, and whoever carries texts and calls."""
    return (channel, sender) if channel in (TEXT, CALL) else (channel,)


def note(session: Session, token: str, found: Errand, sender: str) -> None:
    """Note by whom that leaves which is claimed under ``token``: after a crash that one is asked about it."""
    if sender != found.sender:
        session.connection().execute(_LEAVES_BY, {"own_token": token, "by": sender})
