"""Reads what the audit says of one page, also where the process may not read the audit: then page by page."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session, aliased

from notify import people
from vault.people_tables import Member
from vault.tables import AuditEvent

_COLUMNS = ("id", "at", "actor", "verb", "pseudonym", "facts", "seq", "link", "signature")
_BY_OWNER = text(f"SELECT {', '.join(_COLUMNS)}, link_before FROM page_events(:page_id)")  # noqa: S608 - no input


@dataclass(frozen=True)
class Noted:
    """An event, its facts, and the link of the event before it in the chain (none: empty)."""

    event: AuditEvent
    facts: Mapping[str, str | int]
    link_before: bytes

    def fact(self, name: str) -> str:
        """As text, whatever stands there; empty where nothing does."""
        return str(self.facts.get(name, ""))

    @property
    def verb(self) -> str:
        return self.event.verb

    @property
    def member(self) -> str:
        """The id of the member who did it, or empty."""
        return self._who("member")

    @property
    def responder(self) -> str:
        """The id of the responder whose phone did it, or empty."""
        return self._who("responder")

    def _who(self, kind: str) -> str:
        is_kind, _, who = self.event.actor.partition(":")
        return who if is_kind == kind else ""


def events_of(session: Session, page_id: str) -> list[Noted]:
    """What the audit says of the page, in the order in which it was noted."""
    if session.connection().dialect.name == "postgresql":
        return [_noted(row) for row in session.execute(_BY_OWNER, {"page_id": page_id})]
    before = aliased(AuditEvent)
    mine = (
        select(*(getattr(AuditEvent, name) for name in _COLUMNS), before.link.label("link_before"))
        .outerjoin(before, before.seq == AuditEvent.seq - 1)
        .where(AuditEvent.pseudonym == page_id)
        .order_by(AuditEvent.id)
    )
    return [_noted(row) for row in session.execute(mine)]


def names_in(session: Session, responders: Iterable[str], members: Iterable[str]) -> dict[str, str]:
    """Names by id. Whoever is gone is left out."""
    wanted = {one for one in members if one}
    rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(wanted)))
    own = {row.id: people.name_of(session, row.id) or row.name for row in rows}
    return own | people.names(session, {one for one in responders if one})


def _noted(row: "Row[*tuple[object, ...]]") -> Noted:
    named = row._mapping  # noqa: SLF001 - how SQLAlchemy has it
    event = AuditEvent(**{name: named[name] for name in _COLUMNS})
    return Noted(event, _facts(event.facts), named["link_before"] or bytes(32))


def _facts(text_of_it: str) -> Mapping[str, str | int]:
    """Whoever can write to the database can write anything: what is no object of facts tells nothing."""
    try:
        found = json.loads(text_of_it)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
