"""Audit events: inserted in the transaction of the act itself, so that neither exists without the other."""

import json

from sqlalchemy.orm import Session

from vault.statements import Adding
from vault.tables import AuditEvent

_ADD = Adding(AuditEvent)


def record(
    session: Session, now: int, *, actor: str, verb: str, pseudonym: str = "", **facts: str | int
) -> None:
    """Note that ``actor`` (``reporter``, ``pager``, ``member:<id>``, ``responder:<id>``) did ``verb``.

    ``facts`` hold no content, name, number or address. ``now`` in ms.
    """
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    values = {"at": now, "actor": actor, "verb": verb, "pseudonym": pseudonym, "facts": text}
    _ADD.run(session, values)
