"""Audit events: inserted in the transaction of the act itself, so that neither exists without the other."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from vault.place import pack
from vault.statements import Adding, Row
from vault.tables import AuditEvent

_ADD = Adding(AuditEvent)
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
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

    ``pseudonym``: of the report it is about (``pseudonym_of``), or the id of the page. ``facts`` hold no
    content, name, number or address. ``now`` in ms.
    """
    _ADD.run(session, event(now, actor, verb, pseudonym, facts))


def record_each(
    session: Session,
    now: int,
    *,
    actor: str,
    verb: str,
    each: Iterable[tuple[str, Mapping[str, str | int]]],
) -> None:
    """As ``record``, an event for each ``pseudonym`` and its ``facts``; for none of them nothing."""
    rows = [event(now, actor, verb, pseudonym, facts) for pseudonym, facts in each]
    if rows:
        _ADD.run(session, *rows)


def event(now: int, actor: str, verb: str, pseudonym: str, facts: Mapping[str, str | int]) -> Row:
    """What ``record`` adds, for a statement that adds the rows of the act too."""
    return {"at": now, "actor": actor, "verb": verb, "pseudonym": pseudonym, "facts": _JSON.encode(facts)}
