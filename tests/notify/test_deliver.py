"""The outbox: a hint, a claim, a lease; late jobs do nothing, a crash means a duplicate and never a loss."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import delete, select, update

from notify import claiming, claims, letters
from notify.deliver import deliver
from notify.duty_tables import ContactMethod
from notify.errors import TransportError
from notify.paging import open_page
from notify.tables import Letter
from tests.notify.world import LINE, World
from vault.keyed import seal_to_line


def written(world: World, count: int = 1, urgency: str = "urgent") -> list[str]:
    """``count`` pages that nobody has delivered yet."""
    with world.database.writing() as session:
        for number in range(count):
            request = world.request(urgency, subject=f"case {number}")
            open_page(session, world.clock.moment, request, world.settings)
    return world.due()


def claim(world: World, attempt_id: str, token: str) -> bool:
    with world.database.writing() as session:
        return claiming.claim(session, world.clock, attempt_id, token, 3000) is not None


def post_letter(world: World, rank: int = 2, school: str = "north", body: str = "We read it.") -> None:
    with world.database.writing() as session:
        letters.post(
            session,
            world.clock.moment,
            school=school,
            rank=rank,
            sender="line",
            sealed_to=seal_to_line(LINE.public, letters.ADDRESS, b"+15550300"),
            sealed_body=seal_to_line(LINE.public, letters.BODY, body.encode()),
        )


def test_second_and_late_jobs_send_nothing(world: World) -> None:
    (attempt,) = written(world)
    assert [deliver(world.desk, attempt) for _ in range(3)] == [True, False, False]
    assert len(world.carrier.texts) == 1


def test_job_for_a_row_that_is_gone_does_nothing(world: World) -> None:
    assert not deliver(world.desk, "no such row")


def test_twenty_workers_send_each_of_forty_once(world: World) -> None:
    due = written(world, 40)
    with ThreadPoolExecutor(20) as workers:
        list(workers.map(lambda attempt: deliver(world.desk, attempt), due * 3))
    assert sorted(world.carrier.attempts) == sorted(due)


def test_crash_after_the_claim_is_due_again_when_the_lease_ends(world: World) -> None:
    (attempt,) = written(world)
    assert claim(world, attempt, "dead")
    world.pass_time(3)
    assert not world.carrier.texts
    world.pass_time(0.001)
    assert len(world.carrier.texts) == 1


def test_expired_lease_is_taken_over_without_a_sweep(world: World) -> None:
    (attempt,) = written(world)
    assert claim(world, attempt, "dead")
    world.clock.moment += 3001
    assert deliver(world.desk, attempt)


def test_late_failure_changes_nothing(world: World) -> None:
    """The lease ran out while the provider was slow; another job has sent it since."""

    def too_slow(attempt_id: str) -> None:
        world.clock.moment += 3001
        assert deliver(world.desk, attempt_id)
        raise TransportError("timeout", permanent=False)

    (attempt,) = written(world)
    world.carrier.meanwhile = too_slow
    deliver(world.desk, attempt)
    (row,) = world.attempts(id=attempt)
    assert (row.state, row.provider_id, row.error_code) == ("sent", "SM" + attempt, "unrecorded")


def test_no_transaction_is_open_while_the_provider_is_called(world: World) -> None:
    def write(_attempt_id: str) -> None:
        with world.database.writing() as session:  # a nested one would wait for itself for ever
            assert session.connection()

    (attempt,) = written(world)
    world.carrier.meanwhile = write
    assert deliver(world.desk, attempt)
    assert world.carrier.meanwhile is None


def test_acknowledged_page_is_not_claimed_again(world: World) -> None:
    world.open("immediate")
    (sms,) = world.attempts(channel="sms")
    with world.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE attempt SET state = 'due', hinted_until = 0")
    code = world.code_of("ana")
    world.text("ana", code)
    with world.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE attempt SET state = 'due'")
    assert not deliver(world.desk, sms.id)
    assert world.attempts(id=sms.id)[0].state == "cancelled"


def test_lease_that_runs_out_after_an_acknowledgement_is_cancelled(world: World) -> None:
    page = world.open("immediate")
    assert page is not None
    world.pass_time(120)
    with world.database.writing() as session:
        session.connection().exec_driver_sql(
            "UPDATE attempt SET state = 'claimed', token = 'dead', lease_until = 0 WHERE step = 1"
        )
    world.take_in_view(page, "cleo")
    world.pass_time(1)
    assert {row.state for row in world.attempts(step=1, kind="page")} == {"cancelled"}


def test_failure_after_an_acknowledgement_is_not_tried_again(world: World) -> None:
    def taken(attempt_id: str) -> None:
        page = world.attempts(id=attempt_id)[0].page_id
        assert world.take_in_view(str(page), "cleo").kind == "acknowledged"
        raise TransportError("timeout", permanent=False)

    (attempt,) = written(world)
    world.carrier.meanwhile = taken
    deliver(world.desk, attempt)
    assert world.attempts(id=attempt)[0].state == "cancelled"
    assert world.attempts(channel="voice") == []


def test_urgent_goes_before_routine_and_schools_take_turns(world: World) -> None:
    for _ in range(3):
        post_letter(world, rank=3, school="flood")
    post_letter(world, rank=3, school="small")
    world.clock.moment += 1
    (page,) = (one for one in written(world) if world.attempts(id=one)[0].page_id)
    order = world.due()
    assert order[0] == page
    assert [world.attempts(id=one)[0].school for one in order[1:]][:2] in (
        ["flood", "small"],
        ["small", "flood"],
    )


def test_hint_keeps_another_relay_away_until_it_runs_out(world: World) -> None:
    due = written(world, 2)
    with world.database.writing() as session:
        now = world.clock.moment
        assert claims.hint(session, now, due, now + 3000) == due
        assert claims.hint(session, now, due, now + 3000) == []
    assert world.due() == []
    world.clock.moment += 3000
    assert sorted(world.due()) == sorted(due)


def test_letter_is_sent_from_the_line_and_erased(world: World) -> None:
    post_letter(world, body="We read it. Are you safe?")
    world.deliver_due()
    assert world.carrier.texts == [("+15550300", "We read it. Are you safe?")]
    assert world.carrier.valid == [None]
    with world.database.reading() as session:
        assert session.scalars(select(Letter)).all() == []


def test_letter_is_kept_and_tried_for_a_day(world: World) -> None:
    post_letter(world)
    world.carrier.refusals["sms"] = TransportError("20500", permanent=False)
    for _ in range(8):
        world.pass_time(90)
    assert world.attempts()[0].state == "due"
    world.carrier.refusals.clear()
    world.pass_time(90)
    assert len(world.carrier.texts) == 1


def test_letter_that_can_never_be_sent_is_erased(world: World) -> None:
    post_letter(world)
    world.carrier.refusals["sms"] = TransportError("21610", permanent=True)
    world.deliver_due()
    assert world.attempts()[0].state == "failed"
    assert world.alarms.sounded == ["roster_21610"]
    with world.database.reading() as session:
        assert session.scalars(select(Letter)).all() == []


def test_letter_without_a_number_to_send_it_from_waits_for_one(world: World) -> None:
    post_letter(world)
    (letter,) = world.due()
    deliver(replace(world.desk, channels={}), letter)
    assert world.alarms.sounded == ["system_no_number"]
    world.pass_time(2)
    assert len(world.carrier.texts) == 1


def test_address_that_does_not_open_calls_out_and_goes_on(world: World) -> None:
    with world.database.writing() as session:
        session.execute(
            update(ContactMethod).where(ContactMethod.id == "ana-sms").values(sealed_address=b"broken")
        )
    world.open("immediate")
    assert world.alarms.sounded == ["system_cannot_open"]
    assert world.carrier.rung() == [world.phone["ana"]]


def test_page_of_five_minutes_is_given_up_by_the_carrier(world: World) -> None:
    world.open("immediate")
    assert world.carrier.valid == [300]


def test_doubtful_channel_goes_last_but_goes(world: World) -> None:
    for _ in range(3):
        world.breaker.failed("sms")
    written(world, urgency="immediate")
    channels = [world.attempts(id=one)[0].channel for one in world.due()]
    assert channels == ["voice", "sms"]


def test_breaker_forgets_after_a_success_or_half_a_minute(world: World) -> None:
    moments = iter([0.0, 0.0, 0.0, 1.0, 31.0, 31.0, 31.0, 31.0, 31.0])
    breaker = type(world.breaker)(lambda: next(moments))
    for _ in range(3):
        breaker.failed("sms")
    assert breaker.doubtful() == ("sms",)
    assert breaker.doubtful() == ()
    for _ in range(3):
        breaker.failed("sms")
    breaker.succeeded("sms")
    assert breaker.doubtful() == ()


def test_a_way_that_is_gone_when_its_turn_comes_ends_and_the_others_go_at_once(world: World) -> None:
    """Contacts are imported in the moment in which a page fires."""
    (attempt,) = written(world)
    with world.database.writing() as session:
        session.execute(delete(ContactMethod).where(ContactMethod.id == "ana-sms"))
    assert deliver(world.desk, attempt)
    (row,) = world.attempts(id=attempt)
    assert (row.state, row.error_code, row.tries) == ("failed", "no_method", 1)
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["ana"]]
    assert not world.due()


def test_what_failed_together_comes_back_spread(world: World) -> None:
    world.carrier.refusals["sms"] = TransportError("503", permanent=False)
    for number in range(12):
        world.open("immediate", subject=str(number))
    pauses = {one.due_at - world.clock.moment for one in world.attempts(channel="sms", state="due")}
    assert all(1000 <= pause <= 1250 for pause in pauses)
    assert len(pauses) > 1
