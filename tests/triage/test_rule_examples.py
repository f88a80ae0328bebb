"""The examples in the shipped rule files run: a rule finds what it says, and nothing it disowns."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from triage.assess import assess
from triage.compiling import RULES, rule_files
from triage.lint import REQUIRED

# Files whose every rule must have all fields and examples of both sorts.
COMPLETE = {"common/harmless.toml", "en/plain.toml", "es/plain.toml"}


def _rules(path: Path) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
    return rules


def _exampled() -> list[Any]:
    return [
        pytest.param(rule, id=rule["id"])
        for path in rule_files()
        for rule in _rules(path)
        if "match" in rule or "no_match" in rule
    ]


def _found(rule: dict[str, Any], text: str) -> bool:
    return any(signal.rule.startswith(f"{rule['id']}.") for signal in assess(text).signals)


@pytest.mark.parametrize("rule", _exampled())
def test_a_rule_finds_its_examples_and_nothing_it_disowns(rule: dict[str, Any]) -> None:
    assert [text for text in rule.get("match", ()) if not _found(rule, text)] == []
    assert [text for text in rule.get("no_match", ()) if _found(rule, text)] == []


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_every_rule_of_a_complete_file_says_what_it_is_and_shows_it(name: str) -> None:
    for rule in _rules(RULES / name):
        assert [key for key in (*REQUIRED, "match", "no_match") if not rule.get(key)] == [], rule["id"]


def test_rule_ids_are_given_once() -> None:
    ids = [rule["id"] for path in rule_files() for rule in _rules(path)]
    assert len(ids) == len(set(ids))
