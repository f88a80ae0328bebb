"""Lint for rule files: what is dead, shadowed, over-broad, duplicate or slow, and which examples fail.

A school's own rules are checked beside the shipped ones, exactly as they would run.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.assess import assess
from triage.compiling import DOUBTFUL, default_rules, pattern_lines, rule_files, with_local
from triage.errors import RuleFileError
from triage.examples import rules_in
from triage.ruleset import RuleSet

REQUIRED = ("id", "kind", "language", "note", "source", "patterns")
SLOWEST = 3_000
_EVERYDAY = (
    "can i get the notes from class today",
    "my friend and i went to the store after school and it was fun",
    "when is the game on friday and who is going",
    "hola profe mañana no voy a la escuela porque tengo cita",
    "mi mama me dijo que hoy vamos al parque con mis primos",
    "what is for lunch, i am so hungry",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: the file, the rule, and what is wrong."""

    file: str
    rule: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}: {self.problem}"


def lint_files(paths: Sequence[Path]) -> list[Finding]:
    """All findings about the given files; a file that cannot be compiled is one finding."""
    findings: list[Finding] = []
    for path in paths:
        try:
            rules = with_local([path])
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (RuleFileError, OSError, ValueError) as error:
            findings.append(Finding(path.name, "-", str(error)))
            continue
        findings += [Finding(path.name, rule, problem) for rule, problem in _problems(path, document, rules)]
    return findings


def _problems(path: Path, document: Mapping[str, Any], rules: RuleSet) -> Iterator[tuple[str, str]]:
    shipped = _shipped_patterns(path)
    seen: set[tuple[str, str]] = set()
    for rule in document.get("rule", ()):
        name = str(rule.get("id", "?"))
        for key in REQUIRED:
            if key not in rule:
                yield name, f"no {key}"
        if rule.get("kind") not in rules.kinds:
            yield name, f"unknown kind {rule.get('kind')}"
        yield from ((name, problem) for problem in _example_problems(rule, rules))
        for line in str(rule.get("patterns", "")).strip().splitlines():
            source = " ".join(line.partition("#")[0].strip().removeprefix(DOUBTFUL).split())
            pair = (str(rule.get("kind")), source)
            if pair in seen or pair in shipped:
                yield name, f"duplicate pattern: {source}"
            seen.add(pair)
            if _cost(source) > SLOWEST:
                yield name, f"slow: too many wide gaps: {source}"


def _shipped_patterns(path: Path) -> set[tuple[str, str]]:
    others = [other for other in rule_files() if other.resolve() != path.resolve()]
    documents = [tomllib.loads(other.read_text(encoding="utf-8")) for other in others]
    return {(kind, " ".join(source.split())) for _, kind, source, _ in pattern_lines(documents)}


def _example_problems(rule: Mapping[str, Any], rules: RuleSet) -> Iterator[str]:
    """What the examples of a rule, and everyday texts, say about it."""

    def matches(text: str) -> bool:
        return rule.get("id") in rules_in(text, rules=rules)

    examples = [str(text) for text in rule.get("match", ())]
    if not examples:
        yield "dead: no `match` example shows that it can match"
    if not rule.get("no_match"):
        yield "no `no_match` example shows where it ends"
    yield from (f"does not match: {text}" for text in examples if not matches(text))
    for text in filter(matches, examples):
        if rule.get("kind") in assess(text, rules=default_rules()).kinds:
            yield f"shadowed: other rules find {rule.get('kind')} without it in: {text}"
    yield from (f"must not match: {text}" for text in map(str, rule.get("no_match", ())) if matches(text))
    yield from (f"over-broad: matches everyday text: {text}" for text in _EVERYDAY if matches(text))


def _cost(source: str) -> int:
    """Ways a pattern may have to try: the product of its gaps."""
    gaps = [int(piece[1:]) + 1 for piece in source.split() if piece[0] == "~" and piece[1:].isdigit()]
    return math.prod(gaps)
