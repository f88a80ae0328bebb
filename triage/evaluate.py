"""Measuring: the command `evaluate` runs labelled cases through the rules and prints the figures of the bar.

Also the share of alarms in a body of ordinary texts. Prints figures only; texts go nowhere but to --errors.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TextIO

from triage.assess import assess
from triage.cases import COLUMNS, Case, read_cases, read_ordinary
from triage.chart import draw
from triage.errors import TriageError
from triage.figures import Outcome, report
from triage.model import Urgency
from triage.progress import with_progress


def outcomes(cases: Iterable[Case]) -> list[Outcome]:
    """Assess every case, in order."""
    found = []
    for case in cases:
        result = assess(case.text)
        found.append(Outcome(case, result.urgency, result.categories[0], result.subject, result.why))
    return found


def measure(cases: Sequence[Case], stderr: TextIO) -> tuple[list[Outcome], float]:
    """Outcomes and the seconds they took; a bar on `stderr` when it is a terminal and the file long."""
    assess("")
    began = perf_counter()
    found = outcomes(with_progress(cases, len(cases), stderr))
    return found, perf_counter() - began


def benign_share(path: Path) -> dict[str, float | int]:
    """Alarms (URGENT or higher) among ordinary texts: a CSV with a column `text`, or a text a line."""
    texts = read_ordinary(path)
    alarms = sum(assess(text).urgency.rank <= Urgency.URGENT.rank for text in texts)
    return {"n": len(texts), "alarms": alarms, "alarm_share": round(alarms / len(texts), 5) if texts else 0.0}


def write_errors(found: Iterable[Outcome], path: Path) -> None:
    """Cases whose band or category is wrong, with what was given and why."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "given_urgency", "given_category", "why"])
        for one in found:
            if one.urgency is not one.case.urgency or one.category != one.case.category:
                case = one.case
                labels = [case.id, case.text, case.lang, case.urgency, case.category, case.subject, case.trap]
                writer.writerow([*labels, one.urgency, one.category, one.why])


def run(
    cases: Path | None,
    *,
    as_json: bool,
    plot: Path | None,
    errors: Path | None,
    benign: Path | None,
    stdout: TextIO,
    stderr: TextIO,
) -> int:
    """The command `evaluate`; 0, or 2 when a file cannot be read."""
    try:
        if benign is not None:
            stdout.write(json.dumps(benign_share(benign)) + "\n")
        if cases is not None:
            found, seconds = measure(read_cases(cases), stderr)
            figures = report(found, seconds)
            stdout.write(json.dumps(figures) + "\n" if as_json else as_text(figures))
            if errors is not None:
                write_errors(found, errors)
            if plot is not None:
                draw(figures, plot)
    except TriageError as error:
        stderr.write(f"{error}\n")
        return 2
    return 0


def as_text(figures: dict[str, object]) -> str:
    """The figures for a person."""
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines.append(f"{name}:")
            lines.extend(f"  {key:<20} {_cell(cell)}" for key, cell in value.items())
        else:
            lines.append(f"{name:<28} {value}")
    return "\n".join(lines) + "\n"


def _cell(cell: object) -> str:
    if isinstance(cell, dict):
        return "  ".join(f"{key} {value}" for key, value in cell.items())
    return str(cell)
