"""A page opens, climbs its steps, and never ends in silence."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from notify.duty_tables import Rotation
from notify.errors import TransportError
from notify.tables import Page
from tests.notify.world import World
from vault.people_tables import TeamKeyCopy

NIGHT = 9 * 3600  # from the afternoon to midnight in the school's zone


def test_immediate_page_texts_and_calls_the_one_on_call(world: World) -> None:
    world.open("immediate")
    assert [to for to, _ in world.carrier.texts] == [world.phone["ana"]]
    assert world.carrier.rung() == [world.phone["ana"]]
    text = world.carrier.to(world.phone["ana"])[0]
    assert re.fullmatch(r"Tipline: IMMEDIATE case K7QM-29TX\. Reply \d{5} if you have it\.", text)


def test_prompt_and_routine_page_nobody(world: World) -> None:
    assert world.open("prompt") is None
    assert world.open("routine") is None
    assert not world.attempts()


def test_second_at_two_minutes_everyone_at_four_then_every_five(world: World) -> None:
    world.open("immediate")
    world.pass_time(119)
    assert world.phone["ben"] not in world.carrier.rung()
    world.pass_time(1)
    assert world.carrier.rung()[1:] == [world.phone["ben"]]
    world.pass_time(120)
    assert sorted(world.carrier.rung()[2:]) == sorted(world.phone[name] for name in ("ana", "ben", "cleo"))
    world.pass_time(299)
    assert len(world.carrier.rung()) == 5
    world.pass_time(1)
    assert len(world.carrier.texts) == 8
    world.pass_time(300)
    assert len(world.carrier.rung()) == 8


def test_page_is_repeated_for_ever(world: World) -> None:
    page = world.open("immediate")
    gaps = []
    for _ in range(40):
        deadline = world.page(page).next_at or 0
        gaps.append((deadline - world.clock.moment) // 1000)
        world.pass_time(gaps[-1])
    assert gaps[:3] == [120, 120, 300]
    assert gaps[-1] == 900
    assert 300 * gaps.count(300) == 3600
    assert world.page(page).state == "open"


def test_repeated_text_carries_the_same_digits(world: World) -> None:
    world.open("immediate")
    first = world.code_of("ana")
    world.pass_time(240)
    world.pass_time(300)
    assert world.code_of("ana") == first
    assert len(world.carrier.to(world.phone["ana"])) == 2


def test_threat_calls_the_one_on_call_of_every_team(world: World) -> None:
    world.open("immediate", teams=("counseling", "liaison"))
    assert sorted(world.carrier.rung()) == sorted([world.phone["ana"], world.phone["dan"]])


def test_urgent_page_waits_for_the_end_of_the_night(world: World) -> None:
    world.pass_time(NIGHT)
    page = world.open("urgent")
    assert not world.carrier.texts
    world.pass_time(6.5 * 3600 - 1)
    assert not world.carrier.texts
    world.pass_time(1)
    assert len(world.carrier.texts) == 1
    assert world.page(page).step == 1


def test_urgent_page_that_wakes_breaks_the_night(world: World) -> None:
    world.pass_time(NIGHT)
    world.open("urgent", wakes=True)
    assert len(world.carrier.texts) == 1


def test_later_message_that_wakes_wakes_the_waiting_page(world: World) -> None:
    world.pass_time(NIGHT)
    first = world.open("urgent")
    assert world.open("urgent", wakes=True) == first
    assert len(world.carrier.texts) == 1


def test_urgent_page_rests_at_night_and_goes_on_in_the_morning(world: World) -> None:
    world.pass_time(6.95 * 3600)
    page = world.open("urgent")
    world.pass_time(240)
    rest = (world.page(page).next_at or 0) - world.clock.moment
    assert rest > 8 * 3600 * 1000
    assert "page_step" not in world.audited()
    world.pass_time(rest / 1000)
    assert world.phone["ben"] in world.carrier.rung()


def test_open_page_as_urgent_goes_on_instead_of_a_new_one(world: World) -> None:
    first = world.open("immediate")
    assert world.open("urgent") == first
    assert world.open("immediate") == first
    assert len(world.carrier.texts) == 1


def test_worse_message_opens_a_new_page(world: World) -> None:
    first = world.open("urgent")
    assert world.open("immediate") != first
    assert len(world.carrier.to(world.phone["ana"])) == 2


def test_owner_of_the_case_is_paged_before_the_policy(world: World) -> None:
    world.open("immediate")
    world.pass_time(120)
    world.text("ben", world.code_of("ben"))
    world.carrier.calls.clear()
    world.open("immediate")
    assert world.carrier.rung() == [world.phone["ben"]]
    world.pass_time(120)
    assert world.carrier.rung()[1:] == [world.phone["ana"]]


def test_worse_message_of_an_owned_case_follows_the_policy(world: World) -> None:
    world.open("urgent")
    world.pass_time(120)
    world.text("ben", world.code_of("ben"))
    world.carrier.calls.clear()
    world.open("immediate")
    assert world.carrier.rung() == [world.phone["ana"]]


def test_nobody_on_call_reachable_means_everyone_of_the_team(world: World) -> None:
    world.rotate("district", "eve", "fay")
    world.hire("fay")
    world.open("immediate", teams=("district",))
    assert world.carrier.rung() == [world.phone["fay"]]


def test_team_without_rotation_means_everyone_who_may_open(world: World) -> None:
    world.hire("gus")
    world.give_key("district", "gus")
    world.open("immediate", teams=("district",))
    assert world.carrier.rung() == [world.phone["gus"]]


def test_who_left_the_team_is_called_no_more_by_any_step(world: World) -> None:
    for name in ("ana", "ben", "cleo"):
        world.give_key("counseling", name)
    for name in ("ben", "cleo"):
        world.give_key("counseling", name, generation=2)
    world.open("immediate")
    for seconds in (120, 120, 300, 300):
        world.pass_time(seconds)
    assert world.carrier.rung()[0] == world.phone["ben"]
    assert {*world.carrier.rung()} == {world.phone["ben"], world.phone["cleo"]}
    assert world.carrier.to(world.phone["ana"]) == []


@pytest.mark.parametrize("holder", ["recovery", "m-gus"])
def test_where_no_holder_of_the_newest_key_can_be_called_the_roster_is_and_it_is_alarmed(
    world: World, holder: str
) -> None:
    """A recovery has just been done, or the one who is left has no phone."""
    world.hire("gus", channels=())
    for name in ("ana", "ben", "cleo"):
        world.give_key("counseling", name)
    with world.database.writing() as session:
        session.add(TeamKeyCopy(team_id="counseling", generation=2, holder=holder, sealed=b""))
    page = world.open("immediate")
    assert world.carrier.rung() == [world.phone["ana"]]
    assert world.pass_time(0).unreachable == 1
    assert "page_reached_nobody" in world.audited()
    world.pass_time(120)
    assert {*world.carrier.rung()} == {world.phone[name] for name in ("ana", "ben", "cleo")}
    assert world.text("ana", world.code_of("ana")).kind == "acknowledged"
    assert world.page(page).acknowledged_by == "m-ana"


def test_page_for_nobody_keeps_a_deadline_and_says_so(world: World) -> None:
    page = world.open("immediate", teams=("nowhere",))
    assert world.page(page).next_at == world.clock.moment
    assert world.pass_time(0).unreachable == 1
    assert "page_reached_nobody" in world.audited()
    assert (world.page(page).next_at or 0) > world.clock.moment
    world.hire("gus")
    world.give_key("nowhere", "gus")
    world.pass_time(300)
    assert world.carrier.rung() == [world.phone["gus"]]


@pytest.mark.parametrize("broken", [{"steps": "?"}, {"steps": [], "slow_repeat_s": 10**30}])
def test_a_page_that_cannot_go_on_silences_no_other_and_is_told(
    world: World, broken: dict[str, object]
) -> None:
    lost = world.open("immediate", subject="lost", teams=("liaison",))
    world.open("immediate", subject="other")
    with world.database.writing() as session:
        page = session.get_one(Page, lost)
        page.snapshot = json.dumps(json.loads(page.snapshot) | {"fast_for_s": 0} | broken)
    assert world.pass_time(120).unreachable == 1
    assert world.phone["ben"] in world.carrier.rung()
    assert world.page(lost).next_at == world.clock.moment


def test_persons_are_found_when_a_step_fires(world: World) -> None:
    world.open("immediate")
    with world.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE responder SET active = false WHERE id = 'r-ben'")
    world.pass_time(120)
    assert world.carrier.rung()[1:] == [world.phone["cleo"]]


def test_steps_are_those_of_the_day_the_page_opened(world: World) -> None:
    page = world.open("immediate")
    steps = json.loads(world.page(page).snapshot)["steps"]
    assert [(step["who"], step["delay_s"]) for step in steps] == [
        ("on_call", 120),
        ("second", 120),
        ("everyone", 300),
    ]


def test_failed_text_calls_at_once_and_is_tried_again_later(world: World) -> None:
    world.carrier.refusals["sms"] = TransportError("20500", permanent=False)
    world.open("urgent")
    assert not world.carrier.rung()
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["ana"]]
    world.carrier.refusals.clear()
    world.pass_time(2)
    assert len(world.carrier.to(world.phone["ana"])) == 1


def test_step_that_reaches_nobody_brings_the_next_one_forward(world: World) -> None:
    for channel in ("sms", "voice"):
        world.carrier.refusals[f"{channel} {world.phone['ana']}"] = TransportError("21211", permanent=True)
    world.open("immediate")
    world.pass_time(0)
    assert world.carrier.rung() == [world.phone["ben"]]
    assert world.alarms.sounded == ["roster_21211", "roster_21211"]


def test_repeats_that_fail_do_not_race(world: World) -> None:
    for channel in ("sms", "voice"):
        world.carrier.refusals[channel] = TransportError("21211", permanent=True)
    page = world.open("immediate")
    for _ in range(20):
        world.pass_time(0)
    assert world.page(page).step == 4
    assert (world.page(page).next_at or 0) >= world.clock.moment + 300_000


def test_a_message_for_another_team_pages_that_team_although_a_page_is_open(world: World) -> None:
    counselors = world.open("immediate")
    liaisons = world.open("immediate", teams=("liaison",))
    assert liaisons != counselors
    assert world.carrier.to(world.phone["dan"])


def test_taking_a_page_leaves_the_other_teams_page_alone(world: World) -> None:
    world.open("immediate")
    liaisons = world.open("immediate", teams=("liaison",))
    world.text("ana", world.code_of("ana"))
    world.read_case("ana")
    assert world.page(liaisons).state == "open"
    world.text("dan", world.code_of("dan"))
    world.read_case("ana")
    assert world.page(liaisons).seen_at is None


def test_a_written_policy_puts_a_counselor_before_the_liaison(world: World) -> None:
    """Nobody of the law is called before a counselor had five minutes, although theirs is the first team."""
    steps = ("on_call of counseling, wait 5 min", "everyone, wait 5 min")
    world.settings = replace(world.settings, policies={"liaison immediate": steps})
    world.open(teams=("liaison", "counseling"), together=True)
    assert {to for to, _ in world.carrier.texts} == {world.phone["ana"]}
    world.pass_time(299)
    assert world.carrier.to(world.phone["dan"]) == []
    world.pass_time(1)
    assert "Reply" in world.carrier.to(world.phone["dan"])[-1]


def test_several_schools_share_one_night_rota(world: World) -> None:
    """Ana and Ben have the nights of both schools; each case says only its own teams and code."""
    with world.database.writing() as session:
        rota = session.scalars(select(Rotation).where(Rotation.team_id == "counseling")).one()
        facts = {column.name: getattr(rota, column.name) for column in Rotation.__table__.columns}
        session.add(Rotation(**facts | {"team_id": "south_nights", "school": "south"}))
    world.directory.teams["south_nights"] = {"m-ana", "m-ben"}
    world.pass_time(NIGHT)
    world.open(subject="one")
    northern = world.code_of("ana")
    page = world.open(subject="two", reference="M2XR-77AB", school="south", teams=("south_nights",))
    southern = world.code_of("ana")
    assert northern != southern
    assert world.text("ana", southern).reference == "M2XR-77AB"
    assert (world.page(page).school, world.page(page).state) == ("south", "acknowledged")
