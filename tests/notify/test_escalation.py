"""Policies as pure functions: what is fixed when a page opens, what the night holds back."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify import escalation
from notify.escalation import Occasion, Policy, Quiet, Step
from notify.settings import PagingSettings

NIGHT = Quiet("America/New_York", "22:00", "06:30")
NOON_REST = Quiet("America/New_York", "12:00", "13:00")


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).timestamp() * 1000)


def standard(urgency: str = "immediate", *, owner: bool = False, quiet: Quiet | None = None) -> Policy:
    return escalation.policy_for(PagingSettings(), Occasion(urgency, owner=owner), quiet)


@pytest.mark.parametrize("quiet", [None, NIGHT])
@pytest.mark.parametrize("owner", [True, False])
def test_snapshot_keeps_the_whole_policy(quiet: Quiet | None, owner: bool) -> None:
    policy = standard(owner=owner, quiet=quiet)
    assert escalation.policy_of(escalation.snapshot(policy)) == policy


def test_immediate_texts_and_calls_at_once_urgent_texts_first() -> None:
    assert standard("immediate").steps[0] == Step("on_call", escalation.ALL, 120)
    assert standard("urgent").steps[0] == Step("on_call", escalation.SILENT, 120)


def test_the_first_team_is_called_first_and_the_others_with_its_second() -> None:
    inorder = Occasion("immediate", ("counseling", "administration"), together=False)
    steps = escalation.policy_for(PagingSettings(), inorder, None).steps
    assert [(step.who, step.of) for step in steps] == [
        ("on_call", "counseling"),
        ("second", "counseling"),
        ("everyone", ""),
    ]


POLICIES = {
    "immediate": ("everyone by sms voice, wait 5 min",),
    "counseling immediate": ("second of counseling, wait 90 s",),
    "counseling uncovered immediate": ("ann by sms, wait 2 min", "everyone by voice, wait 5 min"),
}


@pytest.mark.parametrize(
    ("occasion", "steps"),
    [
        (Occasion("immediate", ("liaison",)), (Step("everyone", ("sms", "voice"), 300),)),
        (
            Occasion("immediate", ("counseling", "liaison")),
            (Step("second", escalation.ALL, 90, "counseling"),),
        ),
        (
            Occasion("immediate", ("counseling",), covered=False),
            (Step("ann", ("sms",), 120), Step("everyone", ("voice",), 300)),
        ),
    ],
)
def test_a_configured_policy_that_fits_most_closely_holds(
    occasion: Occasion, steps: tuple[Step, ...]
) -> None:
    settings = PagingSettings(policies=POLICIES)
    assert escalation.policy_for(settings, occasion, None).steps == steps


def test_an_urgency_without_a_policy_has_the_standard_steps() -> None:
    settings = PagingSettings(policies=POLICIES)
    found = escalation.policy_for(settings, Occasion("urgent", ("counseling",)), None)
    assert [step.who for step in found.steps] == ["on_call", "second", "everyone"]


@pytest.mark.parametrize(
    "line", ["", "everyone", "everyone, wait", "everyone by pigeon, wait 5 min", "everyone, wait 0 s"]
)
def test_a_step_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the line itself is the message
        escalation.step_of(line)


def test_what_a_later_release_added_to_a_snapshot_is_left_out() -> None:
    later = json.loads(escalation.snapshot(standard())) | {"moon": "full"}
    later["steps"][0]["tide"] = "high"
    assert escalation.policy_of(json.dumps(later)) == standard()


def test_owner_comes_before_the_policy() -> None:
    assert [step.who for step in standard(owner=True).steps] == ["owner", "on_call", "second", "everyone"]


def test_repeats_take_turns_through_channels() -> None:
    policy = standard()
    assert [escalation.next_step(policy, index).channels for index in range(3, 7)] == [
        escalation.SILENT,
        ("voice",),
        escalation.SILENT,
        ("voice",),
    ]


@given(st.integers(0, 100_000))
def test_every_step_has_somebody_a_channel_and_an_end(index: int) -> None:
    step = escalation.next_step(standard(), index)
    assert step.who
    assert step.channels
    assert 0 < step.delay_s <= 900


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-18 21:59", None),
        ("2026-11-18 22:00", "2026-11-19 06:30"),
        ("2026-11-19 00:00", "2026-11-19 06:30"),
        ("2026-11-19 06:29", "2026-11-19 06:30"),
        ("2026-11-19 06:30", None),
        ("2027-03-14 01:59", "2027-03-14 06:30"),
        ("2027-11-07 01:30", "2027-11-07 06:30"),
    ],
)
def test_night_ends_at_a_wall_time(now: str, until: str | None) -> None:
    assert escalation.quiet_until(NIGHT, at(now)) == (at(until) if until else None)


def test_quiet_hours_may_lie_within_a_day() -> None:
    assert escalation.quiet_until(NOON_REST, at("2026-11-18 12:30")) == at("2026-11-18 13:00")
    assert escalation.quiet_until(NOON_REST, at("2026-11-18 13:30")) is None


def test_no_quiet_hours_never_wait() -> None:
    assert escalation.quiet_until(None, at("2026-11-18 23:30")) is None


@given(st.integers(0, 1000))
def test_reopened_page_goes_on_with_everyone_at_the_latest(index: int) -> None:
    policy = standard()
    assert escalation.resume_at(policy, index) == min(index, 2)
