"""One delivery attempt, from its row to the provider and back; no transaction is open during the call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notify import claims, errand, letters, outcome, reconcile
from notify.alarm import Alarm
from notify.breaker import Breaker
from notify.channels import ASK_S, Outlet
from notify.errand import Errand, OpenSealed
from notify.errors import TransportError
from notify.settings import PagingSettings, milliseconds
from notify.wake import Waker
from vault.clock import Clock
from vault.database import Database
from vault.errors import CannotOpenError
from vault.ids import new_id

# Cases in one text: more would be no text that anybody reads.
JOINED_MOST = 8
# An address is each attempt's own, even where they are joined for one phone.
CANNOT_OPEN = "cannot_open"


@dataclass(frozen=True)
class Desk:
    """What a delivery needs. ``outlets``: ``line`` and ``pager``.

    ``open_sealed(purpose, sealed)`` holds the line key.
    ``digits_to(attempt_id)`` is the address to which the carrier posts the digit pressed in a call.
    """

    database: Database
    clock: Clock
    outlets: Mapping[str, Outlet]
    open_sealed: OpenSealed
    digits_to: Callable[[str], str]
    settings: PagingSettings
    breaker: Breaker
    waker: Waker
    alarm: Alarm


def deliver(desk: Desk, attempt_id: str) -> bool:
    """Deliver one attempt; False when there was nothing to do (a late or second job is a no-op).

    1. Claim the row under a token of our own with a short lease; commit; let the database go.
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
        provider_id = _hand_over(desk, found)
    except TransportError as error:
        _record_failure(desk, found, token, error)
    else:
        desk.breaker.succeeded(found.channel)
        _record_sent(desk, token, provider_id)
    return True


def _claim(desk: Desk, attempt_id: str, token: str) -> Errand | None:
    with desk.database.writing() as session:
        now = desk.clock.now(session)
        lease = milliseconds(desk.settings.lease_s)
        claimed = claims.claim(session, now, attempt_id, token, lease, milliseconds(ASK_S))
        if claimed is None:
            claims.drop_unwanted(session, attempt_id)
            return None
        found = errand.prepare(session, now, attempt_id, claimed)
        if not desk.settings.phone_pause_s or found.in_doubt or not found.may_be_joined:
            return found
        phone, most = found.address_key, JOINED_MOST - 1
        others = claims.join(session, now, phone, claimed.kind, token, lease, most)
        return errand.join(session, now, found, others)


def _hand_over(desk: Desk, found: Errand) -> str:
    outlet = desk.outlets.get(found.sender)
    if outlet is None:
        raise TransportError("no_number", permanent=False)
    try:
        to = desk.open_sealed(letters.ADDRESS, found.sealed_to).decode()
        body = found.body(desk.open_sealed, desk.digits_to)
    except CannotOpenError as error:
        raise TransportError(CANNOT_OPEN, permanent=True) from error
    if found.channel == "voice":
        return outlet.provider.call(outlet.number, to, body, found.attempt_id)
    known = reconcile.taken(desk.database, outlet, found, to, body)
    return known or outlet.provider.send_text(outlet.number, to, body, found.attempt_id, found.valid_s)


def _record_sent(desk: Desk, token: str, provider_id: str) -> None:
    with desk.database.writing() as session:
        now = desk.clock.now(session)
        outcome.noted(session, now, claims.sent(session, now, token, provider_id), provider_id)


def _record_failure(desk: Desk, found: Errand, token: str, error: TransportError) -> None:
    if not error.permanent:
        desk.breaker.failed(found.channel)
    alarms = set()
    with desk.database.writing() as session:
        now = desk.clock.now(session)
        # Pages are locked in one order: workers with texts of the same pages never wait for one another.
        for attempt in sorted(claims.held(session, token), key=lambda one: one.page_id or ""):
            if error.code == CANNOT_OPEN and attempt.id != found.attempt_id:
                outcome.parted(attempt)
            else:
                alarms.add(outcome.failed(session, now, attempt, error.code, permanent=error.permanent))
    for alarm in alarms - {""}:
        desk.alarm.sound(alarm)
    desk.waker.wake()  # another channel may be due now
