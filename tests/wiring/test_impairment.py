"""Whether pages may fail to leave the install: what casework's banner and readiness say."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from casework.web import staff_app
from notify import vitals
from notify.paging import PageRequest, open_page
from notify.tables import Attempt, Pace, Page, Pulse
from reporting.web import public_app
from vault.ids import new_id
from wiring import public, staff
from wiring.demo_people import SCHOOL
from wiring.ground import Ground
from wiring.impairment import LATE_MS, LEAVING_MS, LONG_MS, Impairment
from wiring.vitals import Vitals


@pytest.fixture
def impaired(fresh: Ground) -> Callable[[], bool]:
    """On an install whose pager works."""
    Vitals(fresh.database, fresh.clock, vitals.PAGER).beat()
    return Impairment(fresh.database, fresh.clock)


def page(ground: Ground) -> int:
    """Open one; the moment at which it was opened."""
    request = PageRequest(
        school=SCHOOL.id,
        subject=new_id(),
        reference="AAAA-BBBB",
        urgency="immediate",
        wakes=True,
        teams=("counseling",),
        zone=SCHOOL.zone,
    )
    with ground.database.writing() as session:
        now = ground.clock.now(session)
        open_page(session, now, request, ground.config.settings.paging)
    return now


def change(ground: Ground, kind: type, **values: object) -> None:
    with ground.database.writing() as session:
        session.execute(update(kind).values(values))


def test_a_page_that_has_just_been_opened_is_no_impairment(
    fresh: Ground, impaired: Callable[[], bool]
) -> None:
    assert not impaired()
    page(fresh)
    assert not impaired()


def test_paging_is_impaired_while_a_delivery_is_overdue(fresh: Ground, impaired: Callable[[], bool]) -> None:
    change(fresh, Attempt, due_at=page(fresh) - LATE_MS - 1000)
    assert impaired()


def test_a_text_that_waits_its_turn_while_others_leave_is_no_impairment(
    fresh: Ground, impaired: Callable[[], bool]
) -> None:
    now = page(fresh)
    change(fresh, Attempt, due_at=now - LATE_MS - 1000, channel="sms")
    hold(fresh, "phone:x", now + 5000)
    assert impaired()
    hold(fresh, "number:pager", now + 5000)
    assert not impaired()
    change(fresh, Attempt, state="claimed")
    assert not impaired()
    change(fresh, Attempt, due_at=now - LONG_MS - 1000)
    assert impaired()


@pytest.mark.parametrize("since", [-LEAVING_MS - 1, 3_600_000])
def test_a_number_that_is_stuck_or_held_by_a_wrong_clock_excuses_no_text(
    fresh: Ground, impaired: Callable[[], bool], since: int
) -> None:
    now = page(fresh)
    change(fresh, Attempt, due_at=now - LATE_MS - 1000, channel="sms")
    hold(fresh, "number:pager", now + since)
    assert impaired()


def test_a_call_waits_for_no_turn(fresh: Ground, impaired: Callable[[], bool]) -> None:
    now = page(fresh)
    hold(fresh, "number:pager", now)
    change(fresh, Attempt, due_at=now - LATE_MS - 1000, channel="voice")
    assert impaired()


def hold(ground: Ground, lane: str, until: int) -> None:
    with ground.database.writing() as session:
        session.add(Pace(lane=lane, free_at=until, rank=-1))


def test_paging_is_impaired_while_a_step_is_overdue(fresh: Ground, impaired: Callable[[], bool]) -> None:
    change(fresh, Page, next_at=page(fresh) - LATE_MS - 1000)
    assert impaired()


def test_paging_is_impaired_while_a_page_reaches_nobody(fresh: Ground, impaired: Callable[[], bool]) -> None:
    now = page(fresh)
    change(fresh, Attempt, created_at=now - LATE_MS - 1000, due_at=now + 60_000, error_code="30001")
    assert impaired()
    change(fresh, Attempt, state="sent")
    assert not impaired()


def test_paging_is_impaired_while_the_pager_is_silent(fresh: Ground, impaired: Callable[[], bool]) -> None:
    with fresh.database.reading() as session:
        now = fresh.clock.now(session)
    change(fresh, Pulse, at=now - LATE_MS - 1000)
    assert impaired()
    with fresh.database.writing() as session:
        session.execute(delete(Pulse))
    assert impaired()


@pytest.mark.parametrize("side", ["public", "staff"])
def test_readiness_is_red_until_the_pager_works(fresh: Ground, side: str) -> None:
    client: FlaskClient = (
        public_app(public.deps(fresh)) if side == "public" else staff_app(staff.deps(fresh))
    ).test_client()
    address = fresh.config.public_address if side == "public" else fresh.config.staff_address
    assert client.get("/readyz", base_url=address).status_code == 503
    assert client.get("/healthz", base_url=address).status_code == 200
    Vitals(fresh.database, fresh.clock, vitals.PAGER).beat()
    assert client.get("/readyz", base_url=address).text == "ready\n"
