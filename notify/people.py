"""Those whom the pager calls: the names that colleagues are told, and whether a phone is one of theirs."""

import hashlib
from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from notify.duty_tables import ContactMethod, OptOut, Responder
from vault.people_tables import Member


def handle_of(login: str) -> str:
    """What a responder is found by where a step names ``login`` (in lower case)."""
    return hashlib.sha256(b"tipline/1/login" + login.encode()).hexdigest()


def name_of(session: Session, member_id: str | None) -> str:
    """The name by which responders know ``member_id``; the account's, for one who is never paged."""
    name = session.scalar(select(Responder.name).where(Responder.member_id == member_id))
    return name or session.scalar(select(Member.name).where(Member.id == member_id)) or ""


def responder_of(session: Session, member_id: str | None) -> str:
    """The responder id of ``member_id``; empty for one who is never paged."""
    return session.scalar(select(Responder.id).where(Responder.member_id == member_id)) or ""


def of_phone(session: Session, address_key: str) -> Responder | None:
    """Whose phone it is."""
    theirs = select(Responder).join(ContactMethod).where(ContactMethod.address_key == address_key)
    return session.scalar(theirs.where(Responder.active).limit(1))


def retire(session: Session, member_id: str) -> None:
    """Nobody calls them any more: they left, and could open nothing."""
    session.execute(update(Responder).where(Responder.member_id == member_id).values(active=False))


def restore(session: Session, member_id: str) -> None:
    """They came back."""
    session.execute(update(Responder).where(Responder.member_id == member_id).values(active=True))


def names(session: Session, responder_ids: Collection[str]) -> dict[str, str]:
    """The names of responders by their ids, in that order; whoever is gone is left out."""
    rows = session.execute(select(Responder.id, Responder.name).where(Responder.id.in_(responder_ids)))
    known = {row.id: row.name for row in rows}
    return {one: known[one] for one in responder_ids if one in known}


def has_phone(session: Session, address_key: str) -> bool:
    """Whether the phone with this keyed number is some responder's."""
    found = select(ContactMethod.id).where(ContactMethod.address_key == address_key).limit(1)
    return session.scalar(found) is not None


def opt_out(session: Session, now: int, address_key: str) -> None:
    """Note that this phone sent STOP; until it sends START, texts do not reach it."""
    if session.get(OptOut, address_key) is None:
        session.add(OptOut(address_key=address_key, at=now))


def opt_in(session: Session, address_key: str) -> None:
    """It sent START."""
    session.execute(delete(OptOut).where(OptOut.address_key == address_key))
