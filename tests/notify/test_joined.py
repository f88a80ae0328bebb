"""What joins and what does not: the pages of one phone that nobody has yet, and never what somebody took."""

import re

import pytest
from sqlalchemy import func, select

from notify.deliver import JOINED_MOST
from notify.paging import open_page
from notify.settings import PagingSettings
from notify.tables import Page
from tests.notify.test_pace import let_flow, send
from tests.notify.world import World
from vault.database import Database

MANY = 500
URGENT = 20


@pytest.fixture
def world(database: Database) -> World:
    world = World.with_counselors(database)
    world.keep_pace(PagingSettings())
    return world


def write(world: World, urgency: str, *subjects: str) -> None:
    with world.database.writing() as session:
        for subject in subjects:
            request = world.request(urgency, subject=subject, reference=f"CASE-{subject}")
            open_page(session, world.clock.moment, request, world.settings)


def test_three_reports_are_one_text_that_counts_them_and_each_keeps_its_own_digits(world: World) -> None:
    write(world, "urgent", "1", "2", "3")
    world.deliver_due()
    (text,) = world.carrier.to(world.phone["ana"])
    assert text.startswith("Tipline: 3 cases. Reply with the digits of each that you have.")
    codes = re.findall(r"Reply (\d{5})", text)
    assert len(set(codes)) == 3
    world.text("ana", codes[0])
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).where(Page.state == "open")) == 2


def test_a_report_after_an_acknowledgement_always_pages(world: World) -> None:
    write(world, "urgent", "1")
    world.deliver_due()
    world.text("ana", world.code_of("ana"))
    world.clock.moment += 6_000
    write(world, "urgent", "2")
    world.deliver_due()
    assert "URGENT case CASE-2" in world.carrier.to(world.phone["ana"])[-1]


def test_five_hundred_reports_in_a_minute_all_leave_and_no_urgent_one_waits_behind_them(world: World) -> None:
    """On the pace of a registered number and one phone: every case is said once, the immediate ones first."""
    half, all_calm = MANY // 2, [f"{number:03}" for number in range(MANY - URGENT)]
    write(world, "urgent", *all_calm[:half])
    send(world)
    write(world, "immediate", *(f"I{number:02}" for number in range(URGENT)))
    write(world, "urgent", *all_calm[half:])
    left = let_flow(world, MANY)
    said = [re.findall(r"CASE-(\w+)", text) for text in world.carrier.to(world.phone["ana"])]
    order = [case for cases in said for case in cases]
    assert len(order) == len({*order}) == MANY
    assert max(map(len, said)) == JOINED_MOST
    # One text was on its way before them; they are the very next ones.
    assert {case[0] for case in order[JOINED_MOST : JOINED_MOST + URGENT]} == {"I"}
    assert len(world.carrier.rung()) == URGENT
    assert left[-1] <= MANY / JOINED_MOST * 5 + 5
