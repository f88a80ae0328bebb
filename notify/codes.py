"""The digits with which one phone acknowledges one page."""

from collections.abc import Callable, Collection, Sequence
from secrets import SystemRandom

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, object_session

from notify.duty_tables import Contact
from notify.tables import Page, PageCode
from vault.ids import new_id
from vault.statements import Adding, Row, Statement

_ADD = Adding(PageCode)
REST_MS = 7 * 24 * 3600 * 1000
_CODES = range(10_000, 100_000)
# How many different digits are wanted, to the digits.
Draw = Callable[[int], Sequence[int]]
_RESTING = Statement(
    select(PageCode.id).where(
        PageCode.address_key.in_(bindparam("phones", expanding=True)),
        PageCode.code.in_(bindparam("codes", expanding=True)),
        PageCode.created_at > bindparam("since"),
    )
)


def draw_by_chance(count: int) -> Sequence[int]:
    """``count`` different numbers of five digits from the system's random source."""
    return SystemRandom().sample(_CODES, count)


def ensure(
    session: Session,
    now: int,
    page: Page,
    methods: Sequence[Contact],
    draw: Draw = draw_by_chance,
) -> None:
    """Give the phones of ``methods`` their five digits for ``page``, unless they have them."""
    rows = drawn(session, now, page, methods, draw)
    if rows:
        _ADD.run(session, *rows)


def drawn(
    session: Session,
    now: int,
    page: Page,
    methods: Sequence[Contact],
    draw: Draw = draw_by_chance,
) -> list[Row]:
    """The rows of ``ensure``, for the caller to add.

    A repeated text carries the same digits; another page of the same week never does.
    """
    phones = {method.address_key: method.responder_id for method in methods}
    if not is_new(page):
        has = select(PageCode.address_key).where(PageCode.page_id == page.id)
        for address_key in session.scalars(has):
            phones.pop(address_key, None)
    if not phones:
        return []
    return [
        {
            "id": new_id(),
            "page_id": page.id,
            "responder_id": phones[address_key],
            "address_key": address_key,
            "code": code,
            "created_at": now,
        }
        for address_key, code in zip(phones, _fresh(session, now, phones, draw), strict=True)
    ]


def is_new(page: Page) -> bool:
    """Whether ``page`` opens with what is written now: then nothing of it can be there yet.

    Its step says nothing of that: one that was taken and not opened may begin at its first step again.
    """
    return object_session(page) is None


def _fresh(session: Session, now: int, phones: Collection[str], draw: Draw) -> list[str]:
    """Five digits for each of ``phones``, all different, that none of them was given this week."""
    while True:
        codes = [str(code) for code in draw(len(phones))]
        drawn = {"phones": list(phones), "codes": codes, "since": now - REST_MS}
        if not _RESTING.run(session, drawn):
            return codes
