"""The examples in the shipped rule files run: a rule finds what it says, and nothing it disowns."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from triage.compiling import RULES
from triage.examples import rules_in
from triage.lint import REQUIRED

FILES = sorted(RULES.glob("*/*.toml"))
# Files whose every rule must have all fields.
COMPLETE = {"common/harmless.toml", "en/plain.toml", "es/plain.toml"}


def _rules(path: Path) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
    return rules


def _with_rules() -> list[Any]:
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in FILES if _rules(path)]


@pytest.mark.parametrize("path", _with_rules())
def test_every_rule_finds_its_examples_and_nothing_it_disowns(path: Path) -> None:
    wrong = []
    for rule in _rules(path):
        name, language = rule["id"], path.parent.name
        missed = [text for text in rule.get("match", ()) if name not in rules_in(text, language, hidden=True)]
        heard = [text for text in rule.get("no_match", ()) if name in rules_in(text, language)]
        wrong += [(name, text) for text in missed + heard]
    assert wrong == []


@pytest.mark.parametrize("path", _with_rules())
def test_every_rule_has_examples_of_both_sorts(path: Path) -> None:
    bare = [rule["id"] for rule in _rules(path) if not (rule.get("match") and rule.get("no_match"))]
    assert bare == []


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_every_rule_of_a_complete_file_says_what_it_is(name: str) -> None:
    for rule in _rules(RULES / name):
        assert [key for key in REQUIRED if not rule.get(key)] == [], rule["id"]


def test_rule_ids_are_given_once() -> None:
    ids = [rule["id"] for path in FILES for rule in _rules(path)]
    assert len(ids) == len(set(ids))
