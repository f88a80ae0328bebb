"""The digits with which one phone acknowledges one page."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify.tables import Page, PageCode
from vault.ids import new_id

REST_MS = 7 * 24 * 3600 * 1000
_LOWEST = 10_000
_COUNT = 90_000


def ensure(session: Session, now: int, page: Page, responder_id: str, address_key: str) -> None:
    """Give the phone ``address_key`` its five digits for ``page``, unless it has them.

    A repeated text carries the same digits; another page of the same week never does.
    """
    has = select(PageCode.id).where(PageCode.page_id == page.id, PageCode.address_key == address_key)
    if session.scalar(has) is not None:
        return
    code = _fresh(_resting(session, now, address_key))
    session.add(
        PageCode(
            id=new_id(),
            page_id=page.id,
            responder_id=responder_id,
            address_key=address_key,
            code=code,
            created_at=now,
        )
    )
    session.flush()


def _resting(session: Session, now: int, address_key: str) -> set[str]:
    recent = select(PageCode.code).where(
        PageCode.address_key == address_key, PageCode.created_at > now - REST_MS
    )
    return set(session.scalars(recent))


def _fresh(taken: set[str]) -> str:
    while True:
        code = str(_LOWEST + secrets.randbelow(_COUNT))
        if code not in taken:
            return code
