"""``tipline policy test``: who would be called, when and by which channel, without calling anybody."""

import json

import pytest
from click.testing import Result

from tests.wiring.test_roster import EXAMPLE, Office

SKIPPED = "2027-03-14 02:10"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = Office(tmp_path_factory.mktemp("policies"))
    assert made.run("roster", "import", str(EXAMPLE)).exit_code == 0
    return made


def rehearse(office: Office, category: str, urgency: str, *options: str) -> dict[str, object]:
    said = office.run("policy", "test", category, urgency, *options, "--json")
    assert said.exit_code == 0, said.output
    found: dict[str, object] = json.loads(said.output)
    return found


def calls(found: dict[str, object]) -> list[tuple[str, dict[str, list[str]]]]:
    listed = found["calls"]
    assert isinstance(listed, list)
    return [(one["at"][11:16], one["people"]) for one in listed]


def test_a_night_in_spring_is_read_an_hour_later_and_names_everybody_in_order(office: Office) -> None:
    said = office.run("policy", "test", "suicide_self_harm", "immediate", "--at", SKIPPED)
    assert said.exit_code == 0, said.output
    note, head, teams, *lines = said.output.splitlines()
    assert note == f"{SKIPPED} does not exist: clocks in America/Denver skip it. Read as 03:10."
    assert head == "suicide_self_harm, immediate, to Maple School at Sun 2027-03-14 03:10"
    assert teams == "Read by: counseling"
    first = office.on_call(SKIPPED)
    second = "ben" if first == "ann" else "ann"
    assert lines[0] == f"  Sun 2027-03-14 03:10  {first} (text, call)"
    assert lines[1] == f"  Sun 2027-03-14 03:12  {second} (text, call)"
    assert lines[2] == f"  Sun 2027-03-14 03:14  {first} (text, call); {second} (text, call)"
    assert lines[3].startswith("  Sun 2027-03-14 03:19")
    assert "every 5 min for 1 h, then every 15 min, until somebody answers" in lines[5]


def test_urgent_waits_for_the_morning_unless_it_wakes(office: Office) -> None:
    asleep = rehearse(office, "bullying", "urgent", "--at", "2026-12-01 23:00")
    assert calls(asleep)[0][0] == "06:30"
    assert [list(ways.values()) for _, ways in calls(asleep)[:1]] == [[["sms"]]]
    awake = rehearse(office, "bullying", "urgent", "--wakes", "--at", "2026-12-01 23:00")
    assert calls(awake)[0][0] == "23:00"


@pytest.mark.parametrize(
    ("category", "read_by"),
    [("suicide_self_harm", "2026-12-06T12:00-07:00"), ("bullying", "2026-12-08T07:30-07:00")],
)
def test_prompt_pages_nobody_and_is_in_the_mornings_text(office: Office, category: str, read_by: str) -> None:
    """A Saturday: self-harm is read within a day all the same."""
    found = rehearse(office, category, "prompt", "--at", "2026-12-05 12:00")
    assert [at for at, _ in calls(found)] == ["07:30"]
    assert found["acks"] == 0
    assert found["read_by"] == read_by


def test_a_weapon_takes_two(office: Office) -> None:
    assert rehearse(office, "weapon", "immediate")["acks"] == 2
    assert rehearse(office, "weapon", "urgent")["acks"] == 1


def test_a_configured_policy_is_followed(office: Office) -> None:
    path = office.install.config
    before = path.read_text()
    steps = '"counseling uncovered immediate" = ["ben by voice, wait 90 s", "everyone, wait 5 min"]'
    path.write_text(before.replace("policies = {}", f"policies = {{ {steps} }}"))
    found = calls(rehearse(office, "grief", "immediate", "--at", "2026-12-05 12:00"))
    assert found[0] == ("12:00", {"ben": ["voice"]})
    assert found[1][0] == "12:01"
    covered = calls(rehearse(office, "grief", "immediate", "--at", "2026-12-01 12:00"))
    assert covered[1][0] == "12:02"
    said = office.run("policy", "test", "grief", "immediate", "--at", "2026-12-05 12:00").output
    path.write_text(before)
    assert "\n  Sat 2026-12-05 12:01:30  " in said, "these are no whole minutes"


def test_who_would_be_called_and_cannot_open_it_is_said(office: Office) -> None:
    path = office.install.config
    before = path.read_text()
    path.write_text(before.replace("policies = {}", 'policies = { "immediate" = ["cleo, wait 2 min"] }'))
    said = office.run("policy", "test", "grief", "immediate").output
    assert "cleo (text, call) WHO CANNOT OPEN IT" in said
    assert rehearse(office, "grief", "immediate")["cannot_open"] == ["cleo"]
    path.write_text(before)


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        ('{ "counseling prompt" = ["everyone, wait 5 min"] }', "does not end in immediate or urgent"),
        ('{ "immediate" = [] }', "no step"),
        ('{ "immediate" = ["everyone by pigeon, wait 5 min"] }', "not a step: everyone by pigeon"),
        ('{ "immediate" = ["Ann Example by voice, wait 2 min"] }', "no login: Ann Example by voice"),
    ],
)
def test_a_policy_that_cannot_be_read_is_refused_at_start(
    office: Office, policy: str, complaint: str
) -> None:
    path = office.install.config
    before = path.read_text()
    path.write_text(before.replace("policies = {}", f"policies = {policy}"))
    refused: Result = office.run("oncall")
    path.write_text(before)
    assert complaint in str(refused.exception)
