"""The names of those who have a case, as they are told to colleagues."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify.tables import Responder
from vault.tables import Member


def name_of(session: Session, member_id: str | None) -> str:
    """The name by which responders know ``member_id``; the account's, for one who is never paged."""
    name = session.scalar(select(Responder.name).where(Responder.member_id == member_id))
    return name or session.scalar(select(Member.name).where(Member.id == member_id)) or ""


def responder_of(session: Session, member_id: str | None) -> str:
    """The responder id of ``member_id``; empty for one who is never paged."""
    return session.scalar(select(Responder.id).where(Responder.member_id == member_id)) or ""
