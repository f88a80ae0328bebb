"""One delivery attempt, from its row to the provider and back; no transaction is open during the call."""

from collections.abc import Mapping
from dataclasses import dataclass

from notify import claiming, claims, errand, holding, leases, outcome, reconcile, senders
from notify.alarm import Alarm
from notify.breaker import Breaker
from notify.channels import ASK_S, Channel, Outlet
from notify.errand import Errand, Links, OpenSealed
from notify.errors import TransportError
from notify.settings import PagingSettings, milliseconds
from notify.tables import Page
from notify.wake import Waker
from vault.clock import Clock
from vault.database import Database
from vault.errors import CannotOpenError
from vault.ids import new_id

# Cases in one text: more would be no text that anybody reads.
JOINED_MOST = 8
# An address is each attempt's own, even where they are joined for one phone.
CANNOT_OPEN = "cannot_open"
NO_METHOD = "no_method"


@dataclass(frozen=True)
class Desk:
    """What a delivery needs. ``channels``: by channel and sender; ``outlets``: our numbers, by sender.

    ``open_sealed(purpose, sealed)`` holds the line key.
    """

    database: Database
    clock: Clock
    channels: Mapping[tuple[str, str], Channel]
    outlets: Mapping[str, Outlet]
    open_sealed: OpenSealed
    links: Links
    settings: PagingSettings
    breaker: Breaker
    waker: Waker
    alarm: Alarm


def deliver(desk: Desk, attempt_id: str) -> bool:
    """Deliver one attempt; False when there was nothing to do (a late or second job is a no-op).

    1. Claim the row under a token of our own with a short lease; commit; let the database go. Where texts to
       one phone are joined, claim the others next, and begin the lease anew.
    2. Open the address and call the provider, which has less time than the lease. After a try without a
       known end, ask first whether it was taken.
    3. Record the end, only if the token is still ours.

    A crash between 2 and 3 leaves a lease that runs out: the attempt is due again, and is sent twice unless
    the provider says that it has it. A duplicate page beats a lost one.
    """
    token = new_id()
    found = _claim(desk, attempt_id, token)
    if found is None:
        return False
    try:
        sender, provider_id = _hand_over(desk, *found)
    except TransportError as error:
        _record_failure(desk, *found, token, error)
    else:
        desk.breaker.succeeded(*senders.names(found[0].channel, sender))
        _record_sent(desk, token, provider_id, sender)
    return True


def _claim(desk: Desk, attempt_id: str, token: str) -> tuple[Errand, str] | None:
    """What there is to do, and by which sender."""
    lease = milliseconds(desk.settings.lease_s)
    with desk.database.striking() as session:
        claimed = claiming.claim(session, desk.clock, attempt_id, token, lease, milliseconds(ASK_S))
        if claimed is None:
            return None
        now, found = claimed
        sender = senders.choose(session, now, desk.channels, desk.breaker, found)
        if not desk.settings.phone_pause_s or not found.may_be_joined or found.in_doubt:
            senders.note(session, token, found, sender)
            return found, sender
    with desk.database.writing() as session:
        now = desk.clock.now(session)
        if not leases.renew(session, now, token, lease):
            return None
        phone, most = found.address_key, JOINED_MOST - 1
        others = claims.join(session, now, phone, found.kind, token, lease, most)
        senders.note(session, token, found, sender)
        return errand.join(session, now, found, others), sender


def _hand_over(desk: Desk, found: Errand, sender: str) -> tuple[str, str]:
    """Who took it, and the provider's id of it: perhaps of an earlier try."""
    if not found.sealed_to:
        raise TransportError(NO_METHOD, permanent=True)
    channel = desk.channels.get((found.channel, sender))
    if channel is None:
        raise TransportError("no_number", permanent=False)
    try:
        parcel = found.parcel(desk.open_sealed, desk.links)
    except CannotOpenError as error:
        raise TransportError(CANNOT_OPEN, permanent=True) from error
    before = desk.channels.get((found.channel, found.sender), channel)
    known = reconcile.taken(desk.database, before, found, parcel)
    return (found.sender, known) if known else (sender, channel.send(parcel))


def _record_sent(desk: Desk, token: str, provider_id: str, sender: str) -> None:
    with desk.database.writing() as session:
        now = desk.clock.now(session)
        rows = claims.sent(session, now, token, provider_id, sender)
        outcome.noted(session, now, rows, provider_id, sender)


def _record_failure(desk: Desk, found: Errand, sender: str, token: str, error: TransportError) -> None:
    if not error.permanent:
        desk.breaker.failed(*senders.names(found.channel, sender), after_s=error.after_s)
    elsewhere = len(senders.of(desk.channels, found)) > 1
    alarms = set()
    with desk.database.writing() as session:
        now = desk.clock.now(session)
        # First the pages, as whoever answers one does.
        holding.hold(session, Page.id.in_(claims.pages_of(token)))
        for attempt in claims.held(session, token):
            if error.code == CANNOT_OPEN and attempt.id != found.attempt_id:
                outcome.parted(attempt)
            else:
                alarms.add(outcome.refused(session, now, attempt, error, elsewhere=elsewhere))
    for alarm in alarms - {""}:
        desk.alarm.sound(alarm)
    desk.waker.wake()  # another channel may be due now
