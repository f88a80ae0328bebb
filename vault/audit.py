"""Audit events: inserted in the transaction of the act itself, so that neither exists without the other."""

import hashlib
import json

from sqlalchemy.orm import Session

from vault.place import pack
from vault.statements import Adding
from vault.tables import AuditEvent

_ADD = Adding(AuditEvent)
_PSEUDONYM_LABEL = b"tipline/1/pseudonym"


def pseudonym_of(report_id: str) -> str:
    """What events call a report: nobody who has its row can be told another name, nobody else finds it.

    The report's random id is all that leads there; it is destroyed with the report.
    """
    return hashlib.sha256(pack(_PSEUDONYM_LABEL, report_id.encode())).hexdigest()[:32]


def record(
    session: Session, now: int, *, actor: str, verb: str, pseudonym: str = "", **facts: str | int
) -> None:
    """Note that ``actor`` (``reporter``, ``pager``, ``member:<id>``, ``responder:<id>``) did ``verb``.

    ``facts`` hold no content, name, number or address. ``now`` in ms.
    """
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    values = {"at": now, "actor": actor, "verb": verb, "pseudonym": pseudonym, "facts": text}
    _ADD.run(session, values)
