"""The digits with which one phone acknowledges one page."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from notify.tables import ContactMethod, Page, PageCode
from vault.ids import new_id

_ADD = insert(PageCode.__table__)  # type: ignore[arg-type]  # a mapped class has a Table
REST_MS = 7 * 24 * 3600 * 1000
_LOWEST = 10_000
_COUNT = 90_000


def ensure(session: Session, now: int, page: Page, methods: Sequence[ContactMethod]) -> None:
    """Give the phones of ``methods`` their five digits for ``page``, unless they have them.

    A repeated text carries the same digits; another page of the same week never does.
    """
    phones = {method.address_key: method.responder_id for method in methods}
    if page.step:
        has = select(PageCode.address_key).where(PageCode.page_id == page.id)
        for address_key in session.scalars(has):
            phones.pop(address_key, None)
    if not phones:
        return
    taken = _resting(session, now, phones)
    rows = [
        {
            "id": new_id(),
            "page_id": page.id,
            "responder_id": responder_id,
            "address_key": address_key,
            "code": _fresh(taken),
            "created_at": now,
        }
        for address_key, responder_id in phones.items()
    ]
    session.connection().execute(_ADD, rows)


def _resting(session: Session, now: int, phones: Iterable[str]) -> set[str]:
    """Codes of this week on any of the phones."""
    recent = select(PageCode.code).where(
        PageCode.address_key.in_(phones), PageCode.created_at > now - REST_MS
    )
    return set(session.scalars(recent))


def _fresh(taken: set[str]) -> str:
    """Five digits that are not taken; they are now."""
    while True:
        code = str(_LOWEST + secrets.randbelow(_COUNT))
        if code not in taken:
            taken.add(code)
            return code
