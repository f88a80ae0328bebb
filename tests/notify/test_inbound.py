"""Answers are fetched from the carrier while a page is open, and taken once however they come."""

import threading
from dataclasses import replace
from functools import partial

from sqlalchemy import select

from notify.channels import InboundText, Outlet
from notify.duty_tables import OptOut
from notify.errors import TransportError
from notify.inbound import Poller
from notify.incoming import take_once
from notify.settings import PagingSettings
from notify.wake import Silent
from tests.notify.carrier import PAGER_NUMBER, Carrier
from tests.notify.world import LINE, SECRET, World
from tests.waiting import eventually
from vault.keyed import number_key, seal_to_line

SECOND_NUMBER = "+15550109"


def poller(world: World) -> Poller:
    return Poller(
        database=world.database,
        clock=world.clock,
        outlets={"pager": Outlet(PAGER_NUMBER, world.carrier)},
        directory=lambda _session: world.directory,
        seal=partial(seal_to_line, LINE.public),
        secret=SECRET,
        settings=PagingSettings(poll_carrier_s=0.01),
        waker=Silent(),
        alarm=world.alarms,
    )


def arrives(world: World, sid: str, name: str, body: str) -> None:
    world.carrier.waiting.append(InboundText(sid, world.phone[name], body, world.clock.moment))


def test_answer_is_fetched_and_answered(world: World) -> None:
    page = world.open()
    arrives(world, "SM1", "ana", world.code_of("ana"))
    assert poller(world).poll() == 1
    assert world.page(page).acknowledged_by == "m-ana"
    world.deliver_due()
    assert world.carrier.to(world.phone["ana"])[-1] == "You have case K7QM-29TX. Please open it now."


def test_same_text_is_taken_once(world: World) -> None:
    world.open(subject="one")
    world.open(subject="two")
    arrives(world, "SM1", "ana", "hello?")
    assert [poller(world).poll() for _ in range(3)] == [1, 0, 0]


def test_text_that_came_by_webhook_is_passed_over(world: World) -> None:
    world.open()
    with world.database.writing() as session:
        assert take_once(session, world.clock.moment, SECRET, "pager", "SM1")
        assert not take_once(session, world.clock.moment, SECRET, "pager", "SM1")
    arrives(world, "SM1", "ana", world.code_of("ana"))
    assert poller(world).poll() == 0


def test_carrier_is_not_asked_while_nothing_is_open(world: World) -> None:
    arrives(world, "SM1", "ana", "12345")
    assert poller(world).poll() == 0
    world.open()
    assert poller(world).poll() == 1


def test_texts_from_before_the_page_are_left_alone(world: World) -> None:
    arrives(world, "SM1", "ana", "12345")
    world.clock.moment += 1
    world.open()
    assert poller(world).poll() == 0


def test_carrier_that_fails_is_asked_again(world: World) -> None:
    world.open()
    arrives(world, "SM1", "ana", "12345")
    world.carrier.refusals["inbound"] = TransportError("timeout", permanent=False)
    assert poller(world).poll() == 0
    world.carrier.refusals.clear()
    assert poller(world).poll() == 1


def test_a_stop_that_only_the_carrier_knows_of_is_a_roster_alarm(world: World) -> None:
    """The public process was down when it came, and no page is open."""
    arrives(world, "SM1", "ana", "STOP")
    assert poller(world).poll(calmly=True) == 1
    assert world.alarms.sounded == ["roster_21610"]
    assert opted_out(world) == [number_key(SECRET, world.phone["ana"])]
    world.deliver_due()
    assert world.carrier.to(world.phone["ana"]) == []
    arrives(world, "SM2", "ana", "Start")
    assert [poller(world).poll(calmly=True) for _ in range(2)] == [1, 0]
    assert opted_out(world) == []
    world.deliver_due()
    assert world.carrier.to(world.phone["ana"]) == ["Tipline: your phone gets our texts again."]


def test_what_two_numbers_of_ours_got_under_one_id_are_two_texts(world: World) -> None:
    world.open()
    other = Carrier(number=SECOND_NUMBER)
    both = {"pager": Outlet(PAGER_NUMBER, world.carrier), "second": Outlet(SECOND_NUMBER, other)}
    arrives(world, "1", "ana", "who")
    other.waiting.append(InboundText("1", world.phone["ben"], "who", world.clock.moment))
    asking = replace(poller(world), outlets=both)
    assert [asking.poll(), asking.poll()] == [2, 0]


def opted_out(world: World) -> list[str]:
    with world.database.reading() as session:
        return list(session.scalars(select(OptOut.address_key)))


def test_poller_runs_until_it_is_stopped(world: World) -> None:
    page = world.open()
    arrives(world, "SM1", "ana", world.code_of("ana"))
    stop = threading.Event()
    thread = threading.Thread(target=poller(world).run, args=(stop,))
    thread.start()
    eventually(lambda: world.page(page).state == "acknowledged")
    stop.set()
    thread.join()
