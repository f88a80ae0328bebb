"""The command `triage`: an explanation for a person, JSON lines for machines, and `lint` for rule files.

Plain functions over file objects; the command line and `python -m triage` only parse arguments.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from triage.assess import assess
from triage.compiling import default_rules, with_local
from triage.errors import TriageError
from triage.lint import lint_files
from triage.model import Assessment, Signal, Urgency
from triage.ruleset import RuleSet

_COLOURS = {
    Urgency.IMMEDIATE: "1;97;41",
    Urgency.URGENT: "1;30;43",
    Urgency.PROMPT: "1;36",
    Urgency.ROUTINE: "2",
}
_LINE_KEYS = ("urgency", "categories", "subject", "language", "scored", "signals")


def run_triage(
    text: str | None, *, as_json: bool, local_rules: Sequence[Path], stdin: TextIO, stdout: TextIO
) -> int:
    """Explain one text, or answer JSON lines `{"id","text"}` one by one; 0, or 2 on bad input or rules."""
    try:
        rules = with_local(local_rules) if local_rules else default_rules()
    except TriageError as error:
        stdout.write(f"{error}\n")
        return 2
    if text is None:
        return _stream(rules, stdin, stdout)
    result = assess(text, rules=rules)
    if as_json:
        stdout.write(json.dumps(result.to_json(), ensure_ascii=False) + "\n")
    else:
        stdout.write(explain(text, result, coloured=stdout.isatty()))
    return 0


def _stream(rules: RuleSet, stdin: TextIO, stdout: TextIO) -> int:
    failed = False
    for line in stdin:
        if not line.strip():
            continue
        answer = _answer(line, rules)
        failed = failed or "error" in answer
        stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        stdout.flush()
    return 2 if failed else 0


def _answer(line: str, rules: RuleSet) -> dict[str, object]:
    try:
        record = json.loads(line)
        text = record["text"]
    except (ValueError, KeyError, TypeError):
        return {"error": 'not a line like {"id": ..., "text": ...}'}
    if not isinstance(text, str):
        return {"id": record.get("id"), "error": "text is not a string"}
    told = assess(text, rules=rules).to_json()
    return {"id": record.get("id")} | {key: told[key] for key in _LINE_KEYS}


def explain(text: str, result: Assessment, *, coloured: bool) -> str:
    """The text with its signals marked, each signal with rule and gloss, and why this band."""

    def paint(code: str, words: str) -> str:
        return f"\x1b[{code}m{words}\x1b[0m" if coloured else words

    head = paint(_COLOURS[result.urgency], f" {result.urgency.value.upper()} ")
    facts = [f"wakes: {'yes' if result.wakes else 'no'}", f"subject: {result.subject}", result.language]
    if not result.scored:
        facts.append("not scored")
    if result.mentions_staff:
        facts.append("may be about a staff member")
    lines = [
        f"{head}  {', '.join(result.categories)}  ({'; '.join(facts)})",
        "",
        _marked(text, result, coloured=coloured),
        "",
    ]
    lines += [_signal_line(text, signal) for signal in result.signals]
    lines.append(f"why: {result.why}")
    if result.raise_by:
        lines.append(f"would be higher with: {', '.join(result.raise_by)}")
    lines.append(f"rules: {result.ruleset_hash}")
    return "\n".join(lines) + "\n"


def _marked(text: str, result: Assessment, *, coloured: bool) -> str:
    """The text with the outermost signals between marks, in one pass from left to right."""
    out, at = [], 0
    opening, closing = ("\x1b[4m", "\x1b[24m") if coloured else ("[", "]")
    for signal in sorted(result.signals, key=lambda one: (one.start, -one.end)):
        if signal.start < at:
            continue
        out += [text[at : signal.start], opening, text[signal.start : signal.end], closing]
        at = signal.end
    return "".join((*out, text[at:]))


def _signal_line(text: str, signal: Signal) -> str:
    modifiers = f" ({', '.join(signal.modifiers)})" if signal.modifiers else ""
    words = text[signal.start : signal.end]
    return f'  {signal.start}-{signal.end} "{words}": {signal.gloss}{modifiers} [{signal.rule}]'


def run_lint(paths: Sequence[Path], stdout: TextIO) -> int:
    """Write one finding a line about the rule files; 1 when there is any, else 0."""
    findings = lint_files(paths)
    stdout.writelines(f"{finding}\n" for finding in findings)
    stdout.write(f"{len(findings)} findings in {len(paths)} files\n")
    return 1 if findings else 0
