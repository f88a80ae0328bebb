"""A danger to many takes two who answer, one of them a counselor; the others hear it when both have."""

import pytest
from sqlalchemy import event, select

from notify import handover, taking_over
from notify.duty_tables import ContactMethod
from notify.tables import Page, PageAnswer
from notify.webhooks import About, status
from tests.notify.world import World

ALL = ("liaison", "counseling", "administration")


@pytest.fixture
def danger(world: World) -> World:
    """Dan is the liaison, Ana the counselor on call, Eve of the administration."""
    world.hire("eve")
    world.rotate("administration", "eve")
    return world


def opens(world: World, **changes: object) -> str | None:
    facts: dict[str, object] = {"teams": ALL, "acks": 2, "ack_team": "counseling"}
    return world.open(**(facts | changes))  # type: ignore[arg-type]


def test_liaison_counselor_and_administrator_are_called_at_once(danger: World) -> None:
    opens(danger)
    for name in ("dan", "ana", "eve"):
        assert "Reply" in danger.carrier.to(danger.phone[name])[-1]
    assert danger.carrier.to(danger.phone["ben"]) == []


def test_the_first_answer_is_noted_and_the_phones_go_on(danger: World) -> None:
    page = opens(danger)
    result = danger.text("dan", danger.code_of("dan"))
    assert (result.kind, danger.page(page).state) == ("one_more", "open")
    before = len(danger.carrier.to(danger.phone["dan"]))
    danger.pass_time(120)
    danger.pass_time(120)
    assert "Reply" in danger.carrier.to(danger.phone["ben"])[-1]
    assert len(danger.carrier.to(danger.phone["dan"])) == before


def test_the_counselor_who_answers_second_has_it_and_the_others_hear_so(danger: World) -> None:
    page = opens(danger)
    danger.text("dan", danger.code_of("dan"))
    assert danger.text("ana", danger.code_of("ana")).kind == "acknowledged"
    assert danger.page(page).acknowledged_by == "m-ana"
    for name in ("dan", "eve"):
        assert "Ana has case" in danger.carrier.to(danger.phone[name])[-1]


def test_a_counselor_who_answered_first_has_it_when_the_second_does(danger: World) -> None:
    page = opens(danger)
    assert danger.text("ana", danger.code_of("ana")).kind == "one_more"
    result = danger.text("dan", danger.code_of("dan"))
    assert (result.kind, result.by_name) == ("already", "Ana")
    assert danger.page(page).acknowledged_by == "m-ana"
    for name in ("ana", "eve"):
        assert "Ana has case" in danger.carrier.to(danger.phone[name])[-1]


def test_two_without_a_counselor_are_not_enough(danger: World) -> None:
    page = opens(danger)
    assert danger.text("dan", danger.code_of("dan")).kind == "one_more"
    assert danger.text("eve", danger.code_of("eve")).kind == "one_more"
    assert danger.page(page).state == "open"
    assert danger.text("ana", danger.code_of("ana")).kind == "acknowledged"


def test_one_who_answers_twice_is_one(danger: World) -> None:
    page = opens(danger)
    assert [danger.text("ana", danger.code_of("ana")).kind for _ in range(2)] == ["one_more", "one_more"]
    assert danger.page(page).state == "open"


def test_a_button_counts_as_an_answer_too(danger: World) -> None:
    page = opens(danger)
    assert page
    assert danger.take_in_view(page, "ana").kind == "one_more"
    assert danger.take_in_view(page, "dan").kind == "already"
    assert danger.page(page).acknowledged_by == "m-ana"


def test_no_more_answers_are_asked_for_than_there_are_people(world: World) -> None:
    page = opens(world, teams=("liaison",))
    assert world.text("dan", world.code_of("dan")).kind == "acknowledged"
    assert world.page(page).state == "acknowledged"


def test_a_page_for_one_that_turns_out_to_be_a_danger_takes_two_from_then_on(danger: World) -> None:
    first = opens(danger, acks=1, ack_team="")
    assert opens(danger) == first
    assert danger.text("dan", danger.code_of("dan")).kind == "one_more"


def test_a_report_after_the_answers_pages_again(danger: World) -> None:
    first = opens(danger)
    danger.text("dan", danger.code_of("dan"))
    danger.text("ana", danger.code_of("ana"))
    assert opens(danger) != first


def test_without_haste_the_first_team_is_called_first_and_the_next_with_its_second(danger: World) -> None:
    danger.open(teams=("counseling", "administration"), together=False)
    assert danger.carrier.to(danger.phone["ana"])
    assert danger.carrier.to(danger.phone["eve"]) == []
    danger.pass_time(120)
    for name in ("ben", "eve"):
        assert "Reply" in danger.carrier.to(danger.phone[name])[-1]
    assert danger.carrier.to(danger.phone["cleo"]) == []
    danger.pass_time(120)
    assert "Reply" in danger.carrier.to(danger.phone["cleo"])[-1]


def test_a_first_team_that_nobody_can_be_called_of_leaves_no_silence(world: World) -> None:
    world.open(teams=("chess", "liaison"), together=False)
    assert "Reply" in world.carrier.to(world.phone["dan"])[-1]


def test_who_has_answered_is_not_called_again_because_a_way_of_theirs_failed(danger: World) -> None:
    opens(danger)
    with danger.database.writing() as session:
        for name in ("dan", "eve"):
            first = session.get_one(ContactMethod, f"{name}-sms")
            other = {"sealed_address": first.sealed_address, "address_key": f"{name}'s other", "rank": 2}
            more = {"id": f"{name}-more", "responder_id": f"r-{name}", "channel": "sms"}
            session.add(ContactMethod(**more, **other))
    danger.text("dan", danger.code_of("dan"))
    for name in ("dan", "eve"):
        (text,) = danger.attempts(method_id=f"{name}-sms")
        with danger.database.writing() as session:
            status(session, danger.clock.moment, About(str(text.provider_id)), "undelivered", "30006")
    assert [len(danger.attempts(method_id=f"{name}-more")) for name in ("dan", "eve")] == [0, 1]


def test_who_had_it_and_did_not_open_it_does_not_keep_it_by_their_old_answer(danger: World) -> None:
    page = opens(danger)
    danger.text("ana", danger.code_of("ana"))
    danger.text("dan", danger.code_of("dan"))
    danger.pass_time(600)
    assert danger.page(page).state == "open"
    danger.pass_time(120)
    assert "Reply" in danger.carrier.to(danger.phone["ana"])[-1]
    assert danger.text("ben", danger.code_of("ben")).kind == "acknowledged"
    assert danger.page(page).acknowledged_by == "m-ben"


def test_who_answers_anew_after_not_opening_it_needs_no_other_to_answer_twice(danger: World) -> None:
    page = opens(danger)
    danger.text("ana", danger.code_of("ana"))
    danger.text("dan", danger.code_of("dan"))
    heard = len(danger.carrier.to(danger.phone["dan"]))
    danger.pass_time(600)
    danger.pass_time(120)
    assert len(danger.carrier.to(danger.phone["dan"])) == heard
    assert danger.text("ana", danger.code_of("ana")).kind == "acknowledged"
    assert danger.page(page).acknowledged_by == "m-ana"


@pytest.mark.parametrize("acks", [1, 2])
def test_only_a_page_that_takes_two_has_answers_to_forget(danger: World, acks: int) -> None:
    page = opens(danger, acks=acks, ack_team="")
    for name, code in [(name, danger.code_of(name)) for name in ("ana", "dan")]:
        danger.text(name, code)
    said: list[str] = []
    event.listen(danger.database.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    danger.pass_time(600)
    assert danger.page(page).state == "open"
    forgot = [one for one in said if one.startswith("DELETE FROM page_answer")]
    assert len(forgot) == acks - 1


@pytest.fixture
def again(danger: World) -> str | None:
    """Ana and Ben answered; Ana, who has it, opened nothing: the page calls everybody again but Ben."""
    page = opens(danger)
    danger.pass_time(120)
    for name in ("ana", "ben"):
        danger.text(name, danger.code_of(name))
    heard = danger.carrier.to(danger.phone["ben"])
    danger.pass_time(600)
    danger.pass_time(120)
    assert danger.carrier.to(danger.phone["ben"]) == heard
    return page


def test_who_answers_when_it_calls_again_has_it_and_not_who_was_told_to_go_on(
    danger: World, again: str | None
) -> None:
    assert danger.text("cleo", danger.code_of("cleo")).kind == "acknowledged"
    assert danger.page(again).acknowledged_by == "m-cleo"
    for name in ("ana", "ben", "dan"):
        assert "Cleo has case" in danger.carrier.to(danger.phone[name])[-1]


def test_whose_it_is_by_an_answer_of_long_ago_hears_so(danger: World, again: str | None) -> None:
    result = danger.text("dan", danger.code_of("dan"))
    assert (result.kind, result.by_name) == ("already", "Ben")
    assert danger.page(again).acknowledged_by == "m-ben"
    assert "Ben has case" in danger.carrier.to(danger.phone["ben"])[-1]


@pytest.mark.parametrize("taker", ["cleo", "dan"])
def test_who_handed_it_over_is_called_again_when_the_taker_does_not_open_it(
    danger: World, taker: str
) -> None:
    page = opens(danger)
    danger.text("ana", danger.code_of("ana"))
    danger.text("dan", danger.code_of("dan"))
    with danger.database.writing() as session:
        owned = session.get_one(Page, page)
        handover.offer(session, danger.clock.moment, owned, f"m-{taker}", danger.settings)
    danger.deliver_due()
    assert danger.text(taker, danger.code_of(taker)).kind == "acknowledged"
    danger.pass_time(600)
    danger.pass_time(120)
    codes = [(name, danger.code_of(name)) for name in ("ana", taker)]
    found = [danger.text(name, code).kind for name, code in codes]
    assert found == ["acknowledged" if taker == "cleo" else "one_more", "already"]
    assert danger.page(page).acknowledged_by == "m-ana"


def test_who_takes_it_over_unasked_answered_it_in_the_owners_place(danger: World) -> None:
    page = opens(danger)
    for name in ("ana", "dan"):
        danger.text(name, danger.code_of(name))
    with danger.database.writing() as session:
        now, row = danger.clock.moment, session.get_one(Page, page)
        assert taking_over.take_over(session, now, danger.directory, row, "m-ana", "m-cleo")
    with danger.database.reading() as session:
        assert set(session.scalars(select(PageAnswer.member_id))) == {"m-cleo", "m-dan"}


def test_one_answer_to_another_page_of_the_case_ends_none_that_takes_two(danger: World) -> None:
    """A word of one's own danger first, then one of danger to many, which calls more teams."""
    alone = danger.open(teams=("counseling",))
    code = danger.code_of("ana")
    two = opens(danger)
    assert two != alone
    assert danger.text("ana", code).kind == "acknowledged"
    assert [danger.page(one).state for one in (alone, two)] == ["acknowledged", "open"]
