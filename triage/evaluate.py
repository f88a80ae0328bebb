"""Measuring: a file of labelled cases against the rules, with the figures of the bar and Wilson's intervals.

Also the share of alarms in a body of ordinary texts. Prints figures only; texts go nowhere but to --errors.
"""

import csv
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TextIO

from triage.assess import assess
from triage.errors import CaseFileError, TriageError
from triage.model import Urgency
from triage.progress import with_progress

COLUMNS = ("id", "text", "lang", "urgency", "category", "subject", "trap")
BANDS = tuple(Urgency)
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled message."""

    id: str
    text: str
    lang: str
    urgency: Urgency
    category: str
    subject: str
    trap: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case beside what the rules gave."""

    case: Case
    urgency: Urgency
    category: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion with Wilson's 95 % interval; None when there is nothing to count."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return round(self.hits / self.n, 4) if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.n:
            return None
        share, square = self.hits / self.n, _Z * _Z
        middle = (share + square / (2 * self.n)) / (1 + square / self.n)
        half = _Z * math.sqrt(share * (1 - share) / self.n + square / (4 * self.n**2)) / (1 + square / self.n)
        return round(max(middle - half, 0), 4), round(min(middle + half, 1), 4)


def read_cases(path: Path) -> list[Case]:
    """Read a file of cases.

    Raises:
        CaseFileError: unreadable, a column is missing, or an urgency is not a band.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in COLUMNS[:5] if column not in (reader.fieldnames or ())]
            if missing:
                raise CaseFileError(f"{path.name}: no column {', '.join(missing)}")
            return [_case(row) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise CaseFileError(f"{path.name}: {type(error).__name__}") from error
    except ValueError as error:
        raise CaseFileError(f"{path.name}: {error}") from error


def _case(row: dict[str, str]) -> Case:
    return Case(
        row["id"],
        row["text"],
        row["lang"],
        Urgency(row["urgency"]),
        row["category"],
        row.get("subject") or "",
        row.get("trap") or "",
    )


def outcomes(cases: Iterable[Case]) -> list[Outcome]:
    """Assess every case, in order."""
    found = []
    for case in cases:
        result = assess(case.text)
        found.append(Outcome(case, result.urgency, result.categories[0], result.subject, result.why))
    return found


def shares(found: Sequence[Outcome]) -> dict[str, Share]:
    """The proportions of the bar."""

    def among(label: Urgency, worst: Urgency) -> Share:
        chosen = [one for one in found if one.case.urgency is label]
        return Share(sum(one.urgency.rank <= worst.rank for one in chosen), len(chosen))

    return {
        "accuracy": Share(sum(one.urgency is one.case.urgency for one in found), len(found)),
        "recall_immediate_to_urgent": among(Urgency.IMMEDIATE, Urgency.URGENT),
        "recall_immediate": among(Urgency.IMMEDIATE, Urgency.IMMEDIATE),
        "recall_urgent": among(Urgency.URGENT, Urgency.URGENT),
        "routine_false_alarm": among(Urgency.ROUTINE, Urgency.URGENT),
        "category_accuracy": Share(sum(one.category == one.case.category for one in found), len(found)),
        "subject_accuracy": Share(sum(one.subject == one.case.subject for one in found), len(found)),
    }


def confusion(found: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """Counts by label, then by band given."""
    counts = Counter((one.case.urgency, one.urgency) for one in found)
    return {label.value: {given.value: counts[label, given] for given in BANDS} for label in BANDS}


def weighted_kappa(found: Sequence[Outcome]) -> float | None:
    """Cohen's kappa with quadratic weights over the four bands; None without variation (Cohen 1968)."""
    n = len(found)
    labels = Counter(one.case.urgency.rank for one in found)
    given = Counter(one.urgency.rank for one in found)
    observed = sum((one.case.urgency.rank - one.urgency.rank) ** 2 for one in found)
    expected = sum(labels[a] * given[b] * (a - b) ** 2 for a in labels for b in given) / n if n else 0
    return round(1 - observed / expected, 4) if expected else None


def group(found: Iterable[Outcome], key: str) -> dict[str, dict[str, float | int | None]]:
    """Figures by one column of the cases: n, accuracy, recall of danger, false alarms."""
    groups: dict[str, list[Outcome]] = {}
    for one in found:
        groups.setdefault(getattr(one.case, key) or "-", []).append(one)
    return {name: _group_figures(members) for name, members in sorted(groups.items())}


def _group_figures(members: Sequence[Outcome]) -> dict[str, float | int | None]:
    danger = [one for one in members if one.case.urgency.rank <= 1]
    recall = Share(sum(one.urgency.rank <= 1 for one in danger), len(danger))
    figures = shares(members)
    return {
        "n": len(members),
        "accuracy": figures["accuracy"].value,
        "recall_to_urgent": recall.value,
        "routine_false_alarm": figures["routine_false_alarm"].value,
        "category_accuracy": figures["category_accuracy"].value,
    }


def report(found: Sequence[Outcome], seconds: float) -> dict[str, object]:
    """Everything `evaluate` prints, JSON-ready."""
    figures = shares(found)
    return {
        "n": len(found),
        **{name: share.value for name, share in figures.items()},
        "qwk": weighted_kappa(found),
        "intervals": {name: share.interval for name, share in figures.items()},
        "confusion": confusion(found),
        "by_lang": group(found, "lang"),
        "by_trap": group(found, "trap"),
        "by_category": group(found, "category"),
        "texts_per_s": round(len(found) / seconds) if seconds else 0,
    }


def measure(cases: Sequence[Case], stderr: TextIO) -> tuple[list[Outcome], float]:
    """Outcomes and the seconds they took; a bar on `stderr` when it is a terminal and the file long."""
    assess("")
    began = perf_counter()
    found = outcomes(with_progress(cases, len(cases), stderr))
    return found, perf_counter() - began


def benign_share(path: Path) -> dict[str, float | int]:
    """Alarms (URGENT or higher) among ordinary texts: a CSV with a column `text`, or a text a line."""
    texts = _ordinary(path)
    alarms = sum(assess(text).urgency.rank <= Urgency.URGENT.rank for text in texts)
    return {"n": len(texts), "alarms": alarms, "alarm_share": round(alarms / len(texts), 5) if texts else 0.0}


def _ordinary(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            if path.suffix == ".csv":
                return [row["text"] for row in csv.DictReader(file)]
            return [line.rstrip("\n") for line in file]
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise CaseFileError(f"{path.name}: {type(error).__name__}") from error


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
    from triage.chart import draw  # noqa: PLC0415  # only with --plot

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
