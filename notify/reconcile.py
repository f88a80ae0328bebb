"""Did the provider take an earlier try? It is asked before the next one; without a clear yes, we send.

A duplicate page beats a lost one: so a text counts as taken only if it shows by its words that it is this
one, if it did not fail, and if no other attempt of ours is known to be it.
"""

from sqlalchemy import select

from notify.channels import Channel, Parcel
from notify.errand import Errand
from notify.errors import TransportError
from notify.tables import Attempt
from vault.database import Database

# Statuses with which the provider says that the phone will not get it.
LOST = frozenset({"failed", "undelivered", "canceled"})
# How far the provider's clock may lie behind ours.
SKEW_MS = 60_000


def taken(database: Database, channel: Channel, found: Errand, parcel: Parcel) -> str | None:
    """The provider's id of an earlier try of ``parcel`` by ``channel``; None when it shows none in time.

    Only texts say something by which one could be told from another: of the others nothing is known.
    """
    if not found.in_doubt:
        return None
    try:
        listed = channel.earlier(parcel.to, found.since - SKEW_MS)
    except TransportError:
        return None
    fitting = [
        one.sid for one in listed if one.status not in LOST and found.is_said_by(one.body, parcel.body)
    ]
    others = _known(database, found, fitting) if fitting else set()
    return next((sid for sid in fitting if sid not in others), None)


def _known(database: Database, found: Errand, sids: list[str]) -> set[str | None]:
    """Which of ``sids`` are other attempts of the same page (its repeats say the same), or other letters."""
    same = Attempt.page_id == found.page_id if found.page_id else Attempt.kind == found.kind
    ours = select(Attempt.provider_id).where(Attempt.provider_id.in_(sids), same)
    with database.reading() as session:
        return set(session.scalars(ours))
