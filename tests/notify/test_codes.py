"""The digits that a phone is given: never those of another page of the same week."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from notify import codes
from notify.duty_tables import ContactMethod
from notify.tables import Page, PageCode
from tests.notify.world import World


@dataclass
class Draws:
    """Chance with its outcome known beforehand."""

    coming: Iterator[int]

    def __call__(self, count: int) -> Sequence[int]:
        return [next(self.coming) for _ in range(count)]


def test_digits_drawn_again_within_seven_days_are_drawn_anew(world: World) -> None:
    assert _given(world, "first", "ana", 11_111) == "11111"
    world.clock.moment += codes.REST_MS - 1
    assert _given(world, "second", "ana", 11_111, 11_111, 22_222) == "22222"


def test_digits_serve_again_after_seven_days(world: World) -> None:
    assert _given(world, "first", "ana", 11_111) == "11111"
    world.clock.moment += codes.REST_MS
    assert _given(world, "second", "ana", 11_111, 22_222) == "11111"


def test_digits_of_another_phone_do_not_stand_in_the_way(world: World) -> None:
    assert _given(world, "first", "ana", 11_111) == "11111"
    assert _given(world, "second", "ben", 11_111, 22_222) == "11111"


def _given(world: World, subject: str, name: str, *drawn: int) -> str:
    """The digits for ``name``'s phone of a page about ``subject``, when chance gives ``drawn`` in turn."""
    with world.database.writing() as session:
        page = Page(
            id=subject,
            school="north",
            kind="report",
            subject=subject,
            reference="K7QM-29TX",
            urgency="immediate",
            rank=0,
            teams="[]",
            snapshot="{}",
            state="open",
            step=0,
            opened_at=world.clock.moment,
        )
        session.add(page)
        method = session.get_one(ContactMethod, f"{name}-sms")
        codes.ensure(session, world.clock.moment, page, [method], Draws(iter(drawn)))
        return session.scalars(select(PageCode.code).where(PageCode.page_id == subject)).one()
