"""Files of labelled cases: reading them, and bodies of ordinary texts."""

import csv
from dataclasses import dataclass
from pathlib import Path

from triage.errors import CaseFileError
from triage.model import Urgency

COLUMNS = ("id", "text", "lang", "urgency", "category", "subject", "trap")


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


def read_ordinary(path: Path) -> list[str]:
    """Ordinary texts: a CSV with a column `text`, or a text a line.

    Raises:
        CaseFileError: unreadable, or no such column.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            if path.suffix == ".csv":
                return [row["text"] for row in csv.DictReader(file)]
            return [line.rstrip("\n") for line in file]
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise CaseFileError(f"{path.name}: {type(error).__name__}") from error
