"""What the carrier keeps of a text is emptied after our commit, again and again until it says so."""

import pytest
from sqlalchemy import select

from notify import emptying, letters
from notify.channels import CALL
from notify.emptying import BATCH, LEASE_MS, PAUSES_S, SETTLED_MS, TOO_LONG_MS, Emptier
from notify.errors import TransportError
from notify.tables import CarrierCopy
from notify.webhooks import About, status
from tests.notify.world import LINE, World
from vault.database import Database
from vault.keyed import seal_to_line

NOT_YET = TransportError("20009", permanent=False)
CHILD = "SM" + "c" * 32


@pytest.fixture
def emptier(world: World) -> Emptier:
    return Emptier(world.database, world.clock, world.desk.outlets, world.alarms)


def note(world: World, sid: str = CHILD, sender: str = "line", *, whole: bool = True) -> None:
    with world.database.writing() as session:
        emptying.note(session, world.clock.moment, sender, sid, whole=whole)


def kept(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(CarrierCopy.sid).order_by(CarrierCopy.sid)))


def test_a_childs_text_is_deleted_and_the_row_goes_with_it(world: World, emptier: Emptier) -> None:
    note(world)
    note(world)
    assert emptier.empty_due() == 1
    assert world.carrier.forgotten == [(CHILD, True)]
    assert kept(world.database) == []


def test_what_the_carrier_refuses_is_tried_again_until_it_confirms(world: World, emptier: Emptier) -> None:
    note(world)
    world.carrier.refusals["forget"] = NOT_YET
    for pause in (*PAUSES_S, PAUSES_S[-1]):
        assert emptier.empty_due() == 1
        assert emptier.empty_due() == 0
        world.clock.moment += pause * 1000
    assert kept(world.database) == [CHILD]
    world.carrier.refusals.clear()
    emptier.empty_due()
    assert world.carrier.forgotten == [(CHILD, True)]
    assert kept(world.database) == []


def test_one_that_never_succeeds_is_alarmed_after_days(world: World, emptier: Emptier) -> None:
    note(world)
    world.carrier.refusals["forget"] = NOT_YET
    emptier.empty_due()
    assert world.alarms.sounded == []
    world.clock.moment += TOO_LONG_MS + 1
    emptier.empty_due()
    assert world.alarms.sounded == ["texts_not_emptied"]


def test_refused_credentials_of_the_line_are_alarmed(world: World, emptier: Emptier) -> None:
    note(world)
    world.carrier.refusals["forget"] = TransportError("20003", permanent=False)
    emptier.empty_due()
    assert world.alarms.sounded == ["system_20003"]


class KilledError(BaseException):
    """As a SIGKILL in the middle of a call: nothing after it happens."""


def test_a_kill_in_between_only_delays_it(world: World, emptier: Emptier) -> None:
    note(world)
    world.carrier.refusals["forget"] = KilledError()  # type: ignore[assignment]  # it is raised all the same
    with pytest.raises(KilledError):
        emptier.empty_due()
    world.carrier.refusals.clear()
    assert emptier.empty_due() == 0
    world.clock.moment += LEASE_MS
    assert emptier.empty_due() == 1
    assert world.carrier.forgotten == [(CHILD, True)]


def test_texts_of_ours_are_emptied_when_they_have_arrived(world: World, emptier: Emptier) -> None:
    world.open()
    sent = {str(one.provider_id) for one in world.attempts(channel="sms")}
    assert world.attempts(channel="voice")
    assert set(kept(world.database)) == sent
    assert emptier.empty_due() == 0
    world.clock.moment += SETTLED_MS
    assert emptier.empty_due() == len(sent)
    assert set(world.carrier.forgotten) == {(sid, False) for sid in sent}


def test_a_reply_to_a_texter_is_emptied_at_the_lines_account(world: World) -> None:
    with world.database.writing() as session:
        letters.post(
            session,
            world.clock.moment,
            school="north",
            rank=2,
            sender="line",
            sealed_to=seal_to_line(LINE.public, letters.ADDRESS, b"+15550300"),
            sealed_body=seal_to_line(LINE.public, letters.BODY, b"We read it."),
        )
    world.deliver_due()
    with world.database.reading() as session:
        assert session.scalars(select(CarrierCopy.sender)).all() == ["line"]


def test_an_answer_that_the_carrier_made_of_our_words_is_emptied_too(world: World) -> None:
    with world.database.writing() as session:
        for state in ("sent", "delivered", "delivered"):
            status(session, world.clock.moment, About("SManswer", sender="line"), state)
        status(session, world.clock.moment, About("CAcall", CALL), "completed")
    assert kept(world.database) == ["SManswer"]


@pytest.mark.parametrize("sid", ["", "SM\n1", "SM 1", "x" * 129, "SM\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_what_is_no_id_of_a_text_is_not_noted(world: World, sid: str) -> None:
    note(world, sid)
    assert kept(world.database) == []


def test_an_urgent_page_that_waits_goes_first(world: World, emptier: Emptier) -> None:
    note(world)
    with world.database.writing() as session:
        world.open_only(session)
    assert emptier.empty_due() == 0
    world.deliver_due()
    assert emptier.empty_due() == 1


def test_many_are_done_in_turns(world: World, emptier: Emptier) -> None:
    for number in range(BATCH + 1):
        note(world, f"SM{number}")
    assert [emptier.empty_due() for _ in range(3)] == [BATCH, 1, 0]
