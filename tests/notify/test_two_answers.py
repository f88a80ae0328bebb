"""A danger to many takes two who answer, one of them a counselor; the others hear it when both have."""

import pytest

from notify.duty_tables import ContactMethod
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
    assert "Reply" in danger.carrier.to(danger.phone["ana"])[-1]
    assert danger.text("ben", danger.code_of("ben")).kind == "acknowledged"
    assert danger.page(page).acknowledged_by == "m-ben"


def test_who_answers_anew_after_not_opening_it_needs_no_other_to_answer_twice(danger: World) -> None:
    page = opens(danger)
    danger.text("ana", danger.code_of("ana"))
    danger.text("dan", danger.code_of("dan"))
    danger.pass_time(600)
    assert "Reply" not in danger.carrier.to(danger.phone["dan"])[-1]
    assert danger.text("ana", danger.code_of("ana")).kind == "acknowledged"
    assert danger.page(page).acknowledged_by == "m-ana"
