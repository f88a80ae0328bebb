"""What each of the provider's codes makes the pager do: next channel now, another try, whom it tells."""

from dataclasses import dataclass

import pytest

from notify.channels.faults import FAULTS, fault_of
from notify.errors import TransportError
from notify.webhooks import About, status
from tests.notify.world import World
from vault.database import Database


@dataclass(frozen=True)
class Does:
    """``tries``: how often that phone gets the text in ten minutes. The call goes out at once, always."""

    tries: int
    alarm: str = ""


ONCE, TWICE, AGAIN = Does(1), Does(2), Does(4)
SYSTEM, ROSTER = Does(1, "system"), Does(1, "roster")
# As https://www.twilio.com/docs/api/errors has them; written down apart from the table that is tested.
DOES = {
    "20003": Does(4, "system"),
    "20009": AGAIN,
    "20404": AGAIN,
    "20429": AGAIN,
    "20500": AGAIN,
    "21211": ROSTER,
    "21408": SYSTEM,
    "21601": SYSTEM,
    "21606": SYSTEM,
    "21608": SYSTEM,
    "21610": ROSTER,
    "21612": ONCE,
    "21614": ONCE,
    "30001": AGAIN,
    "30002": SYSTEM,
    "30003": TWICE,
    "30004": ROSTER,
    "30005": TWICE,
    "30006": ONCE,
    "30007": SYSTEM,
    "30008": AGAIN,
    "30022": AGAIN,
    "30034": SYSTEM,
    "30036": ONCE,
    "30410": AGAIN,
    "63038": SYSTEM,
    "572005": SYSTEM,
    "99999": AGAIN,  # a code that nobody told us of
}


@pytest.fixture
def world(database: Database) -> World:
    """On SQLite alone: what a code does is not the database's affair."""
    return World.with_counselors(database)


def texted(world: World, page_id: str | None) -> int:
    """How often the first text of the page was tried."""
    (first,) = [one for one in world.attempts(page_id=page_id, channel="sms") if one.step == 0]
    return first.tries


def test_every_code_of_the_table_is_looked_at() -> None:
    assert {code for code in FAULTS if code.isdigit()} == DOES.keys() - {"99999"}


@pytest.mark.parametrize("code", DOES)
def test_refused_at_once(world: World, code: str) -> None:
    world.carrier.refusals[f"sms {world.phone['ana']}"] = TransportError(
        code, permanent=fault_of(code).permanent
    )
    page = world.open("urgent")
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["ana"]]
    wanted = f"{DOES[code].alarm}_{code}"
    assert world.alarms.sounded == ([wanted] if DOES[code].alarm else [])
    for _ in range(20):
        world.pass_time(30)
    assert texted(world, page) == DOES[code].tries


@pytest.mark.parametrize("code", DOES)
def test_told_afterwards(world: World, code: str) -> None:
    page = world.open("urgent")
    assert not world.carrier.rung()
    (text,) = world.attempts(page_id=page, channel="sms")
    with world.database.writing() as session:
        about = About(str(text.provider_id), attempt_id=text.id)
        alarm = status(session, world.clock.moment, about, "undelivered", code)
    assert alarm == (f"{DOES[code].alarm}_{code}" if DOES[code].alarm else "")
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["ana"]]
    assert world.attempts(id=text.id)[0].state == ("failed" if DOES[code].tries == 1 else "due")
