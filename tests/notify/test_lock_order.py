"""Locks are taken in one order: of those who work on the same cases none waits for who waits for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import select, update

from notify import claims, codes, handover
from notify.duty_tables import ContactMethod
from notify.sweep import sweep
from notify.tables import Attempt, Page, PageCode
from notify.webhooks import About, status
from tests.crosswise import WAITING, quick_to_look
from tests.notify.test_races import ROUNDS, acknowledging, at_once
from tests.notify.world import World
from tests.waiting import eventually
from vault.database import Database


@pytest.fixture
def world(postgresql_database: Database) -> World:
    return World.with_counselors(postgresql_database)


def test_who_answers_or_reads_one_page_of_a_case_waits_for_nobody_who_waits_for_them(world: World) -> None:
    """Two pages call for the case; a third message comes, too: it is stored like every other."""

    def writing(subject: str) -> Callable[[], object]:
        def act() -> object:
            with world.database.writing() as session:
                return world.open_only(session, subject=subject)

        return act

    for number in range(ROUNDS):
        subject = f"case {number}"
        with world.database.writing() as session:
            alone = str(world.open_only(session, subject=subject))
            both = str(world.open_only(session, subject=subject, teams=("counseling", "liaison")))
        answering = [acknowledging(world, both, "ana"), acknowledging(world, alone, "ben")]
        *kinds, _, _ = at_once(*answering, writing(subject), partial(world.read_case, "cleo", subject))
        assert "acknowledged" in kinds
        assert len({world.page(one).acknowledged_by for one in (alone, both)}) == 1


def test_two_texts_about_the_same_cases_fail_in_the_same_moment(world: World) -> None:
    """As when the carrier has an outage: of each the carrier says so once, and each is noted."""

    def failing(name: str) -> Callable[[], object]:
        def act() -> object:
            with world.database.writing() as session:
                return status(session, world.clock.moment, About(name), "undelivered", "30003")

        return act

    for number in range(ROUNDS // 3):
        with world.database.writing() as session:
            for case in range(4):
                world.open_only(session, subject=f"case {number} {case}", teams=("counseling", "liaison"))
            for name in ("ana", "dan"):
                theirs = (Attempt.method_id == f"{name}-sms") & (Attempt.state == "due")
                session.execute(update(Attempt).where(theirs).values(state="sent", provider_id=name, tries=3))
        at_once(failing("ana"), failing("dan"))
        assert world.attempts(provider_id="ana", state="sent") == []
        assert world.attempts(provider_id="dan", state="sent") == []


def test_two_who_answer_two_cases_in_one_text_each_wait_for_nobody_who_waits_for_them(world: World) -> None:
    codes: dict[str, list[str]] = {"ana": [], "dan": []}
    for number in range(2 * (ROUNDS // 3)):
        world.open(subject=f"case {number}", teams=("counseling", "liaison"))
        for name, known in codes.items():
            known.append(world.code_of(name))
    for first in range(0, len(codes["ana"]), 2):
        one, other = codes["ana"][first : first + 2], codes["dan"][first : first + 2]
        at_once(partial(world.text, "ana", " ".join(one)), partial(world.text, "dan", " ".join(other[::-1])))
    with world.database.reading() as session:
        assert set(session.scalars(select(Page.state))) == {"acknowledged"}


def test_who_answers_what_is_offered_together_with_another_page_waits_for_nobody_who_ends_the_offer(
    postgresql_database: Database,
) -> None:
    """Ben takes two pages in one text, Ana keeps what one of them gave her, and the text that asked fails."""
    world = World.with_counselors(quick_to_look(postgresql_database, after_ms=20))

    def two_pages(number: int) -> str:
        """Ben's text: the digits of a page that calls, then of one that is offered to him."""
        with world.database.writing() as session:
            names = [
                str(world.open_only(session, subject=f"case {number}", teams=teams))
                for teams in (("counseling",), ("counseling", "liaison"))
            ]
            session.flush()
            hers, calling = [session.get_one(Page, one) for one in names]
            hers.state, hers.acknowledged_by, hers.next_at = "acknowledged", "m-ana", None
            session.flush()
            handover.offer(session, world.clock.moment, hers, "m-ben", world.settings)
            codes.ensure(session, world.clock.moment, calling, [session.get_one(ContactMethod, "ben-sms")])
            asked = (Attempt.kind == "offer") & (Attempt.channel == "sms") & (Attempt.page_id == hers.id)
            left = {"state": "sent", "tries": 3, "provider_id": f"SM{number}"}
            session.execute(update(Attempt).where(asked).values(left))
            session.execute(update(PageCode).values(sent_at=world.clock.moment))
            bens = select(PageCode.page_id, PageCode.code).where(PageCode.responder_id == "r-ben")
            drawn = {row.page_id: row.code for row in session.execute(bens)}
            return f"{drawn[calling.id]} {drawn[hers.id]}"

    def failing(number: int) -> None:
        with world.database.writing() as session:
            status(session, world.clock.moment, About(f"SM{number}"), "undelivered", "30003")

    for number in range(ROUNDS // 2):
        answer = partial(world.text, "ben", two_pages(number))
        at_once(answer, partial(world.text, "ana", "keep"), partial(failing, number))
    with world.database.reading() as session:
        assert set(session.scalars(select(Page.state))) == {"acknowledged"}


@pytest.mark.parametrize("point", [False, True])
def test_a_hint_waits_for_no_row_that_an_answer_holds(world: World, *, point: bool) -> None:
    """Whoever answers cancels several rows, and may want next what was hinted already."""
    with world.database.writing() as session:
        world.open_only(session)
    free, held = sorted(world.due())

    def hint() -> list[str]:
        with world.database.hinting(at_once=point) as session:
            if point:
                return claims.point(session, world.clock, 8, (), 3000)
            return claims.hint(session, world.clock.moment, [free, held], world.clock.moment + 3000)

    with ThreadPoolExecutor(1) as threads, world.database.writing() as session:
        assert session.scalar(select(Attempt.id).where(Attempt.id == held).with_for_update())
        assert threads.submit(hint).result(timeout=5) == [free]


def test_a_text_that_did_not_arrive_holds_no_row_while_it_waits_for_its_page(world: World) -> None:
    """One of those that were joined in it is due again: it is cancelled by who has the page."""
    page = world.open()
    with world.database.writing() as session:
        again = update(Attempt).where(Attempt.channel == "voice").values(state="due", provider_id="SM1")
        session.execute(again)
        session.execute(update(Attempt).where(Attempt.channel == "sms").values(provider_id="SM1"))

    def failing() -> str:
        with world.database.writing() as session:
            return status(session, world.clock.moment, About("SM1"), "undelivered", "30003")

    with ThreadPoolExecutor(1) as threads:
        with world.database.writing() as session:
            session.execute(update(Page).values(state="acknowledged"))
            told = threads.submit(failing)
            eventually(lambda: session.scalar(WAITING))
            session.execute(update(Attempt).where(Attempt.state == "due").values(state="cancelled"))
        assert told.result(timeout=5) == ""
    assert {one.state for one in world.attempts(page_id=page)} == {"cancelled"}


def test_a_case_that_calls_again_as_it_is_offered_gives_one_code_to_one_phone(world: World) -> None:
    page = world.open()
    world.text("ana", world.code_of("ana"))
    world.clock.moment += 600_000

    def offering() -> None:
        with world.database.writing() as session:
            owned = session.get_one(Page, page)
            handover.offer(session, world.clock.moment, owned, "m-ben", world.settings)

    with ThreadPoolExecutor(1) as threads:
        with world.database.writing() as session:
            sweep(session, world.clock.moment)
            offered = threads.submit(offering)
            eventually(lambda: session.scalar(WAITING))
        offered.result(timeout=5)
    with world.database.reading() as session:
        bens = select(PageCode.id).where(PageCode.responder_id == "r-ben")
        assert len(session.scalars(bens).all()) == 1


@pytest.fixture
def joined(world: World) -> list[str]:
    """Four texts that left as one, of which the carrier speaks before we noted that it took it."""
    with world.database.writing() as session:
        for number in range(4):
            world.open_only(session, subject=f"case {number}")
        texts = (Attempt.channel == "sms") & (Attempt.state == "due")
        claimed = update(Attempt).where(texts).values(state="claimed", token="ours", tries=1)
        return list(session.scalars(claimed.returning(Attempt.id)))


def says(world: World, attempt_id: str, state: str) -> Callable[[], object]:
    def act() -> object:
        with world.database.writing() as session:
            return status(session, world.clock.moment, About("SM1", attempt_id=attempt_id), state, "")

    return act


def records(world: World) -> None:
    with world.database.writing() as session:
        claims.sent(session, world.clock.moment, "ours", "SM1", "pager")


def test_what_the_carrier_says_while_it_is_noted_that_it_took_the_text_is_heard(
    world: World, joined: list[str]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with world.database.writing() as session:
            claims.sent(session, world.clock.moment, "ours", "SM1", "pager")
            told = threads.submit(says(world, joined[0], "delivered"))
            eventually(lambda: session.scalar(WAITING))
        told.result(timeout=5)
    assert {one.state for one in world.attempts(channel="sms")} == {"delivered"}


def test_who_notes_that_a_text_was_taken_waits_for_nobody_whom_the_carrier_told(
    world: World, joined: list[str]
) -> None:
    for number in range(ROUNDS):
        at_once(says(world, joined[number % 4], "sent"), partial(records, world))
        assert {one.state for one in world.attempts(channel="sms")} == {"sent"}
        with world.database.writing() as session:
            session.execute(
                update(Attempt)
                .where(Attempt.id.in_(joined))
                .values(state="claimed", token="ours", provider_id=None)
            )


def test_a_sweep_waits_for_no_delivery_whose_end_is_noted_late(world: World, joined: list[str]) -> None:
    late = {"lease_until": world.clock.moment - 1}
    with world.database.writing() as session:
        session.execute(update(Attempt).where(Attempt.id.in_(joined)).values(late))

    def sweeping() -> int:
        with world.database.writing() as session:
            return sweep(session, world.clock.moment).fired

    with ThreadPoolExecutor(1) as threads, world.database.writing() as session:
        assert len(claims.held(session, "ours")) == len(joined)
        assert threads.submit(sweeping).result(timeout=5) == 0
