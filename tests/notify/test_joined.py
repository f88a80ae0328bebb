"""What joins and what does not: the pages of one phone that nobody has yet, and never what somebody took."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from notify.channels import Channel, Parcel, SentText
from notify.deliver import JOINED_MOST, deliver
from notify.paging import open_page
from notify.settings import PagingSettings, milliseconds
from notify.tables import Attempt, Page
from tests.notify.test_pace import let_flow, send
from tests.notify.world import World
from vault.database import Database

MANY = 500
URGENT = 20


@pytest.fixture
def world(database: Database) -> World:
    return joining(database)


def joining(database: Database) -> World:
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


@dataclass
class Watched:
    """A clock of which every look is three seconds later; ``then`` happens at the second one."""

    moment: int
    then: Callable[[Session], object] = field(default=lambda _: None)
    looks: int = 0

    def now(self, session: Session) -> int:
        self.moment, self.looks = self.moment + 3_000, self.looks + 1
        if self.looks == 2:
            self.then(session)
        return self.moment


@dataclass
class Noting:
    """The carrier, which notes until when what leaves is leased."""

    world: World
    carrier: Channel
    leased: list[int | None] = field(default_factory=list)

    def send(self, parcel: Parcel) -> str:
        self.leased += [one.lease_until for one in self.world.attempts(state="claimed")]
        return self.carrier.send(parcel)

    def earlier(self, to: str, since: int) -> list[SentText]:
        return self.carrier.earlier(to, since)


def test_what_is_joined_leaves_under_one_lease_that_began_when_all_were_claimed(
    any_database: Database,
) -> None:
    world = joining(any_database)
    noting = Noting(world, world.desk.channels["sms", "pager"])
    world.give("sms", noting)
    clock = Watched(world.clock.moment)
    world.desk = replace(world.desk, clock=clock)
    write(world, "urgent", "1", "2")
    assert deliver(world.desk, world.due()[0])
    lease = milliseconds(world.settings.lease_s)
    assert noting.leased == [world.clock.moment + 6_000 + lease] * 2


def test_what_another_took_meanwhile_is_not_sent_and_takes_nothing_along(any_database: Database) -> None:
    world = joining(any_database)
    taken = update(Attempt).where(Attempt.state == "claimed").values(token="another's")
    clock = Watched(world.clock.moment, lambda session: session.execute(taken))
    world.desk = replace(world.desk, clock=clock)
    write(world, "urgent", "1", "2")
    assert not deliver(world.desk, world.due()[0])
    assert world.carrier.texts == []
    assert sorted(one.state for one in world.attempts(channel="sms")) == ["claimed", "due"]


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
