"""A case changes hands by text: asked, taken, refused or forgotten; nobody loses it meanwhile."""

import re
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select

from notify import handover, taking_over
from notify.channels import Parcel, SentText
from notify.duty_tables import Duty
from notify.errors import TransportError
from notify.paging import PageRequest
from notify.tables import Handover, Page
from notify.webhooks import About, status
from notify.words import OFFER, Saying, call_xml, line_text, notice
from tests.notify.world import World
from vault.database import Database


@pytest.fixture
def world(database: Database) -> World:
    return World.with_counselors(database)


@pytest.fixture
def anas(world: World) -> World:
    """Ana has an immediate case, and has read it."""
    return taken_by_ana(world)


def taken_by_ana(world: World) -> World:
    world.open()
    world.text("ana", world.code_of("ana"))
    world.read_case("ana")
    return world


def offer(world: World, to: str = "ben") -> None:
    with world.database.writing() as session:
        page = session.scalars(select(Page).where(Page.state == "acknowledged")).first()
        assert page
        handover.offer(session, world.clock.moment, page, f"m-{to}", world.settings)
    world.deliver_due()


def expire(world: World) -> int:
    with world.database.writing() as session:
        ended = handover.expire(session, world.clock.moment)
    world.deliver_due()
    return ended


def last(world: World, name: str) -> str:
    return world.carrier.to(world.phone[name])[-1]


def owner(world: World) -> str | None:
    with world.database.reading() as session:
        return session.scalars(select(Page.acknowledged_by)).one()


def test_who_is_asked_takes_the_case_by_its_code_and_the_giver_hears_so(any_database: Database) -> None:
    anas = taken_by_ana(World.with_counselors(any_database))
    offer(anas)
    code = anas.code_of("ben")
    assert last(anas, "ben") == (
        f"Tipline: Ana asks you to take over case K7QM-29TX. Reply {code} if you take it, or PASS."
    )
    assert owner(anas) == "m-ana"
    result = anas.text("ben", code)
    assert (result.kind, result.by_name) == ("acknowledged", "Ben")
    assert owner(anas) == "m-ben"
    assert last(anas, "ana") == "Tipline: Ben has case K7QM-29TX."
    assert anas.audited()[-2:] == ["case_offered", "offer_accepted"]


def test_a_no_leaves_the_case_with_its_owner_who_hears_so(anas: World) -> None:
    for no in ("PASS", "paso", "I can't", "No puedo, estoy en clase"):
        offer(anas)
        assert anas.text("ben", no).kind == "declined"
    assert owner(anas) == "m-ana"
    assert last(anas, "ana") == "Tipline: nobody took over case K7QM-29TX. You still have it."
    assert anas.text("ben", anas.code_of("ben")).kind == "already"


def test_no_answer_in_ten_minutes_leaves_it_with_its_owner(any_database: Database) -> None:
    anas = taken_by_ana(World.with_counselors(any_database))
    offer(anas)
    anas.clock.moment += 599_000
    assert expire(anas) == 0
    anas.clock.moment += 1_000
    assert expire(anas) == 1
    assert last(anas, "ana") == "Tipline: nobody took over case K7QM-29TX. You still have it."
    assert anas.text("ben", anas.code_of("ben")).by_name == "Ana"
    assert owner(anas) == "m-ana"
    assert expire(anas) == 0


def test_the_new_owner_who_does_not_open_it_is_reminded_and_then_all_are_called(anas: World) -> None:
    offer(anas)
    anas.text("ben", anas.code_of("ben"))
    anas.pass_time(601)
    assert anas.page(anas.attempts()[0].page_id).state == "open"
    anas.pass_time(120)
    assert "Reply" in last(anas, "cleo")


def test_a_later_message_calls_the_new_owner_first(anas: World) -> None:
    offer(anas)
    anas.text("ben", anas.code_of("ben"))
    anas.read_case("ben")
    heard = len(anas.carrier.to(anas.phone["ana"]))
    anas.open()
    assert "IMMEDIATE" in last(anas, "ben")
    assert len(anas.carrier.to(anas.phone["ana"])) == heard


def test_who_cannot_open_the_case_does_not_get_it_by_its_code(anas: World) -> None:
    offer(anas, to="dan")
    assert anas.text("dan", anas.code_of("dan")).kind == "cannot_open"
    assert owner(anas) == "m-ana"


def test_the_second_offer_takes_the_place_of_the_first(anas: World) -> None:
    offer(anas)
    offer(anas, to="cleo")
    assert anas.text("ben", anas.code_of("ben")).kind == "already"
    assert anas.text("cleo", anas.code_of("cleo")).kind == "acknowledged"
    assert owner(anas) == "m-cleo"


def test_of_a_yes_and_a_no_the_first_counts(anas: World) -> None:
    offer(anas)
    assert anas.text("ben", anas.code_of("ben")).kind == "acknowledged"
    assert anas.text("ben", "pass").kind == "already"
    assert owner(anas) == "m-ben"


def test_an_offer_is_over_when_its_owner_lost_the_case_meanwhile(world: World) -> None:
    """Ana never opened it: it is called for again, and whoever answers has it, offered or not."""
    world.open()
    world.text("ana", world.code_of("ana"))
    offer(world)
    world.pass_time(601)
    world.pass_time(120)
    world.text("cleo", world.code_of("cleo"))
    assert world.text("ben", "pass").kind == "already"
    assert owner(world) == "m-cleo"
    kept = len(world.carrier.to(world.phone["ana"]))
    assert expire(world) == 1
    assert len(world.carrier.to(world.phone["ana"])) == kept


def test_a_case_that_paged_nobody_has_an_owner_once_somebody_hands_it_on(world: World) -> None:
    request = PageRequest("north", "one", "K7QM-29TX", "prompt", False, ("counseling",), "America/New_York")
    with world.database.writing() as session:
        page = handover.own(session, world.clock.moment, request, "m-ana", world.settings)
        assert handover.owned(session, "one", ["counseling"]) is page
        assert handover.owned(session, "one", ["liaison"]) is None
    offer(world)
    assert world.text("ben", world.code_of("ben")).kind == "acknowledged"
    assert world.pass_time(3600).fired == 0
    assert owner(world) == "m-ben"


def test_texts_that_ask_nobody_any_more_do_not_leave(anas: World) -> None:
    with anas.database.writing() as session:
        page = session.scalars(select(Page)).one()
        handover.offer(session, anas.clock.moment, page, "m-ben", anas.settings)
        assert handover.decline(session, anas.clock.moment, page.id, "m-ben")
    anas.deliver_due()
    assert anas.carrier.to(anas.phone["ben"]) == []
    with anas.database.reading() as session:
        assert session.scalars(select(Handover.state)).all() == ["declined"]


def test_offers_go_by_the_persons_ways_in_their_order_and_carry_no_content(world: World) -> None:
    """By e-mail and push stands where to sign in, and no digits; opening that takes nothing."""
    mail, push = Kept(), Kept()
    world.give("email", mail)
    world.give("push", push)
    world.hire("eva", channels=("email", "push", "sms"), addresses={"push": "json://127.0.0.1/eva"})
    world.rotate("nurses", "eva")
    world.directory.teams["counseling"].add("m-eva")
    world.change("eva-sms", after_s=60)
    world.open("urgent")
    world.text("ana", world.code_of("ana"))
    offer(world, to="eva")
    for parcel in (*mail.parcels, *push.parcels):
        assert parcel.title == "Tipline: Ana asks you to take over case K7QM-29TX"
        assert "https://staff.example.test/case/K7QM-29TX" in parcel.body
        assert not re.search(r"\b\d{5}\b", parcel.body)
    assert (len(mail.parcels), len(push.parcels)) == (1, 1)
    assert world.carrier.to(world.phone["eva"]) == []
    world.pass_time(60)
    assert world.text("eva", world.code_of("eva")).kind == "acknowledged"


def test_a_channel_that_others_read_too_asks_nobody_who_can_be_asked_otherwise(anas: World) -> None:
    push = Kept()
    anas.give("push", push)
    for name in ("eva", "fay"):
        anas.hire(name, channels=("sms", "push"), addresses={"push": "json://127.0.0.1/room"})
    offer(anas, to="eva")
    assert (push.parcels, "asks you" in last(anas, "eva")) == ([], True)


def test_who_only_has_a_telephone_is_called_and_takes_it_by_a_key(anas: World) -> None:
    anas.hire("eva", channels=("voice",))
    anas.directory.teams["counseling"].add("m-eva")
    offer(anas, to="eva")
    (call,) = anas.attempts(kind="offer")
    assert (
        "Ana asks you to take over a case: K 7 Q M, 2 9 T X. Press 1 if you take it."
        in anas.carrier.calls[-1][1]
    )
    assert anas.press(call.id, "1").kind == "acknowledged"
    assert owner(anas) == "m-eva"


def test_a_way_that_fails_lets_the_waiting_ones_ask_now(anas: World) -> None:
    anas.change("ben-voice", after_s=300)
    anas.carrier.refusals[f"sms {anas.phone['ben']}"] = TransportError("21614", permanent=True)
    offer(anas)
    anas.deliver_due()
    assert anas.carrier.rung()[-1] == anas.phone["ben"]


def test_a_try_that_fails_after_the_answer_is_not_made_again(anas: World) -> None:
    offer(anas)
    (text,) = anas.attempts(kind="offer", channel="sms")
    assert anas.text("ana", "keep").kind == "kept"
    with anas.database.writing() as session:
        about = About(str(text.provider_id), attempt_id=text.id)
        status(session, anas.clock.moment, about, "undelivered", "30003")
    anas.pass_time(60)
    assert sum("take over" in body for body in anas.carrier.to(anas.phone["ben"])) == 1
    assert anas.attempts(id=text.id)[0].state == "cancelled"


def test_the_owner_takes_the_question_back_by_text_and_the_colleague_hears_so(anas: World) -> None:
    assert anas.text("ana", "KEEP").kind == "no_offer"
    for keep in ("keep", "Me lo quedo, gracias"):
        offer(anas)
        assert anas.text("ana", keep).kind == "kept"
        assert last(anas, "ben") == "Tipline: Ana keeps case K7QM-29TX after all. There is nothing to do."
    assert anas.text("ben", "pass").kind == "already"
    assert owner(anas) == "m-ana"
    assert anas.audited()[-1] == "offer_withdrawn"


@pytest.mark.parametrize(
    ("locale", "words"), [("en", ("DRILL. ", "drill")), ("es", ("SIMULACRO. ", "simulacro"))]
)
def test_an_offer_of_a_drill_says_that_it_is_one(locale: str, words: tuple[str, str]) -> None:
    drill = Saying("drill", "immediate", "K7QM-29TX", "12345", "Ana")
    assert line_text(OFFER, drill, locale).startswith(words[0])
    assert notice(OFFER, drill, locale, "/case")[0].startswith(words[0])
    assert words[1] in call_xml(OFFER, drill, locale, "/digits")
    assert not line_text(OFFER, replace(drill, kind="report"), locale).startswith(words[0])


def test_of_two_offers_it_asks_which_one_is_kept(anas: World) -> None:
    anas.open(subject="two", reference="M3WA-88QF")
    code = anas.code_of("ana")
    anas.text("ana", code)
    with anas.database.writing() as session:
        for page in session.scalars(select(Page)).all():
            handover.offer(session, anas.clock.moment, page, "m-ben", anas.settings)
    assert anas.text("ana", "keep").kind == "which"
    assert anas.text("ana", f"keep {code}").reference == "M3WA-88QF"


def away(world: World, name: str) -> None:
    """The roster says that this person is absent now."""
    at = world.clock.moment
    with world.database.writing() as session:
        person = f"r-{name}"
        session.add(
            Duty(id="d", responder_id=person, kind="away", begins_at=at - 1, ends_at=at + 9**9, created_at=at)
        )


def test_a_case_of_somebody_who_is_away_is_taken_over_by_its_digits_and_both_are_told(world: World) -> None:
    world.open()
    world.pass_time(120)
    ana, ben = (world.code_of(name) for name in ("ana", "ben"))
    world.text("ana", ana)
    assert world.text("ben", f"take {ben}").kind == "not_away"
    assert owner(world) == "m-ana"
    away(world, "ana")
    result = world.text("ben", f"TAKE {ben}, please")
    assert (result.kind, result.by_name) == ("acknowledged", "Ben")
    assert owner(world) == "m-ben"
    assert last(world, "ana") == "Tipline: Ben took over case K7QM-29TX from you."
    assert last(world, "ben") == "Tipline: Ben has case K7QM-29TX."
    assert world.audited()[-1] == "case_taken_over"
    assert world.text("ben", f"take {ben}").kind == "already"
    world.pass_time(601)
    assert world.page(world.attempts()[0].page_id).state == "open", "Ben did not open it"


def test_while_it_still_calls_take_is_a_yes(world: World) -> None:
    world.open()
    assert world.text("ana", f"take {world.code_of('ana')}").kind == "acknowledged"


def test_who_cannot_open_a_case_takes_nothing_over(world: World) -> None:
    world.open(teams=("counseling", "liaison"))
    dan, ana = world.code_of("dan"), world.code_of("ana")
    world.text("ana", ana)
    away(world, "ana")
    world.directory.teams["liaison"].clear()
    assert world.text("dan", f"take {dan}").kind == "cannot_open"
    assert owner(world) == "m-ana"


def test_what_was_offered_to_another_is_over_when_a_colleague_takes_it(world: World) -> None:
    taken_by_ana(world)
    offer(world)
    with world.database.writing() as session:
        page = session.scalars(select(Page)).one()
        directory, now = world.directory, world.clock.moment
        assert not taking_over.take_over(session, now, directory, page, "m-cleo", "m-ben")
        assert taking_over.take_over(session, now, directory, page, "m-ana", "m-cleo")
    world.deliver_due()
    assert last(world, "ben") == "Tipline: Cleo has case K7QM-29TX."
    assert world.text("ben", "pass").kind == "already"
    assert owner(world) == "m-cleo"


@dataclass
class Kept:
    """A mail server or push service made of a list."""

    parcels: list[Parcel] = field(default_factory=list)

    def send(self, parcel: Parcel) -> str:
        self.parcels.append(parcel)
        return ""

    def earlier(self, to: str, since: int) -> list[SentText]:
        del to, since
        return []
