"""By which of their ways a person is reached: order, delays, quiet hours, what nobody confirmed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.channels.mail import Mail
from notify.duty_tables import ContactMethod
from notify.errors import TransportError
from notify.escalation import ALL, SILENT
from notify.settings import MailSettings
from notify.ways import QuietHours, readable, ways_of
from tests.notify.world import AFTERNOON, ZONE, World
from vault.database import Database

NIGHT = f"22:00-06:30 {ZONE}"
MIDNIGHT = AFTERNOON + 9 * 3_600_000


@pytest.fixture
def world(database: Database) -> World:
    return World.with_counselors(database)


def method(channel: str, *, verified: bool = True, **facts: Any) -> ContactMethod:  # noqa: ANN401
    return ContactMethod(id=channel, channel=channel, verified_at=1 if verified else None, rank=0, **facts)


def tried(methods: list[ContactMethod], channels: tuple[str, ...] = ALL, now: int = AFTERNOON) -> list[str]:
    return [way.method.id for way in ways_of(methods, channels, now)]


def test_each_way_has_its_delay_and_the_earliest_is_at_once() -> None:
    methods = [method("voice", after_s=90), method("sms", after_s=30)]
    assert [(way.method.id, way.after_ms) for way in ways_of(methods, ALL, AFTERNOON)] == [
        ("sms", 0),
        ("voice", 60_000),
    ]
    assert [way.after_ms for way in ways_of(methods, ("voice",), AFTERNOON)] == [0]


def test_a_quiet_way_stands_back_while_another_can_wake() -> None:
    voice, sms = method("voice", quiet=NIGHT), method("sms")
    assert tried([voice, sms], now=AFTERNOON) == ["voice", "sms"]
    assert tried([voice, sms], now=MIDNIGHT) == ["sms"]
    assert tried([voice, sms], ("voice",), MIDNIGHT) == ["sms"]
    assert tried([voice], now=MIDNIGHT) == ["voice"]


@pytest.mark.parametrize("quiet", ["at night", "22:00-06:30", "22:00-06:30 Atlantis/Nowhere"])
def test_hours_that_cannot_be_read_hold_nothing_back(quiet: str) -> None:
    assert tried([method("voice", quiet=quiet), method("sms")], now=MIDNIGHT) == ["voice", "sms"]


def test_an_e_mail_wakes_nobody_so_it_silences_nothing() -> None:
    assert tried([method("voice", quiet=NIGHT), method("email")], now=MIDNIGHT) == ["voice", "email"]
    assert tried([method("sms", verified=False), method("email")]) == ["sms", "email"]


def test_a_push_to_a_room_where_nobody_is_silences_no_phone() -> None:
    """A team's channel is everybody's way: with it, and quiet hours, a night would have nobody called."""
    phone = [method("sms", quiet=NIGHT), method("voice", quiet=NIGHT)]
    assert tried([*phone, method("push")], now=MIDNIGHT) == ["sms", "voice", "push"]
    assert tried([*phone, method("push")], ("voice",), MIDNIGHT) == ["voice"]
    assert tried([method("voice", verified=False), method("push")]) == ["voice", "push"]
    assert tried([*phone, method("push")], ("push",), MIDNIGHT) == ["push"]


def test_nobody_waits_for_a_phone_because_an_e_mail_went_first() -> None:
    methods = [method("email"), method("sms", after_s=600), method("voice", after_s=900)]
    assert [(way.method.id, way.after_ms) for way in ways_of(methods, ALL, AFTERNOON)] == [
        ("email", 0),
        ("sms", 0),
        ("voice", 300_000),
    ]


def test_a_step_in_silence_leaves_nobody_with_an_e_mail_alone() -> None:
    assert tried([method("voice"), method("email")], SILENT) == ["voice", "email"]
    assert tried([method("voice"), method("email")], ("email",)) == ["email"]


def test_what_nobody_confirmed_is_used_only_where_nothing_is() -> None:
    assert tried([method("sms"), method("push", verified=False)]) == ["sms"]
    assert tried([method("push", verified=False)]) == ["push"]


def test_what_is_only_told_goes_by_text_if_it_can() -> None:
    methods = [method("email"), method("voice"), method("push"), method("sms")]
    assert [getattr(readable(methods[:count]), "id", "") for count in (4, 3, 2, 0)] == [
        "sms",
        "push",
        "email",
        "",
    ]
    assert readable([method("voice")]) is None


@pytest.mark.parametrize(
    ("hours", "held"),
    [
        ("22:00-06:30", [True, True, False]),
        ("12:00-15:00", [False, False, False]),
        ("15:00-15:01", [False, False, True]),
    ],
)
def test_quiet_hours_are_wall_times_and_end_where_they_say(hours: str, held: list[bool]) -> None:
    quiet = QuietHours.of(f"{hours} {ZONE}")
    assert [quiet.hold(now) for now in (MIDNIGHT, MIDNIGHT + 6 * 3_600_000, AFTERNOON)] == held


@given(
    st.lists(
        st.builds(
            method,
            st.sampled_from(ALL),
            verified=st.booleans(),
            after_s=st.none() | st.integers(0, 900),
            quiet=st.sampled_from([None, "", NIGHT, f"00:00-23:59 {ZONE}"]),
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([ALL, SILENT, ("voice",), ("sms",)]),
    st.integers(AFTERNOON, AFTERNOON + 86_400_000),
)
def test_whoever_can_be_reached_is_reached_at_once(
    methods: list[ContactMethod], channels: tuple[str, ...], now: int
) -> None:
    ways = ways_of(methods, channels, now)
    assert min(way.after_ms for way in ways) == 0
    assert len({way.method.channel for way in ways}) == len(ways)
    can_wake = [one for one in methods if one.channel != "email"]
    assert not can_wake or any(way.method in can_wake for way in ways if not way.after_ms)
    phones = [one for one in methods if one.channel in {"sms", "voice"}]
    assert not phones or channels == SILENT or any(way.method in phones for way in ways)


def test_a_call_after_a_minute_comes_only_if_nobody_answered(world: World) -> None:
    world.change("ana-voice", after_s=60)
    world.open()
    assert not world.carrier.rung()
    world.pass_time(60)
    assert world.carrier.rung() == [world.phone["ana"]]
    world.open(subject="two", teams=("liaison",))
    world.change("dan-voice", after_s=60)
    assert world.carrier.rung() == [world.phone["ana"], world.phone["dan"]]


def test_a_call_that_waits_is_off_once_somebody_has_the_case(world: World) -> None:
    world.change("ana-voice", after_s=60)
    world.open()
    world.text("ana", world.code_of("ana"))
    world.pass_time(61)
    assert not world.carrier.rung()


def test_a_call_that_waits_comes_now_when_the_text_fails(world: World) -> None:
    world.change("ana-voice", after_s=600)
    world.carrier.refusals["sms"] = TransportError("30005", permanent=False)
    world.open()
    world.deliver_due()
    assert world.carrier.rung() == [world.phone["ana"]]


@pytest.mark.parametrize("text_fails", [False, True])
def test_a_dead_mail_server_rings_nobody_whose_text_has_gone_out(world: World, *, text_fails: bool) -> None:
    """An urgent page begins in silence; by day a text and an e-mail are enough for its first step."""
    world.hire("gil", channels=("sms", "email", "voice"))
    world.rotate("nurse", "gil")
    world.give("email", Mail(MailSettings(host="127.0.0.1", port=1, security="none", sender="a@b.test")))
    if text_fails:
        world.carrier.refusals["sms"] = TransportError("21614", permanent=True)
    page = world.open("urgent", teams=("nurse",))
    for _ in range(3):
        world.pass_time(10)
    assert len(world.carrier.to(world.phone["gil"])) == (not text_fails)
    assert world.attempts(channel="email")[0].error_code == "connection"
    assert world.carrier.rung() == ([world.phone["gil"]] if text_fails else [])
    assert world.page(page).state == "open"


def test_a_second_number_is_tried_now_when_the_first_cannot_be_texted(world: World) -> None:
    world.hire("gil", channels=("sms",))
    world.rotate("nurse", "gil")
    with world.database.writing() as session:
        gil = session.get_one(ContactMethod, "gil-sms")
        other = {"sealed_address": gil.sealed_address, "address_key": "other", "rank": 1}
        session.add(ContactMethod(id="gil-other", responder_id="r-gil", channel="sms", **other))
    world.carrier.refusals["sms"] = TransportError("21614", permanent=True)
    world.open(teams=("nurse",))
    assert [one.method_id for one in world.attempts(responder_id="r-gil")] == ["gil-sms", "gil-other"]
