"""The roster as a spreadsheet: one row per line of duty, or per duty with dates. Reads it and writes it.

Commas or semicolons, as the spreadsheet likes; lines that begin with # are remarks.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from notify.turns import EVERY_DAY, MIDNIGHT, Layer
from wiring.errors import WiringError
from wiring.settings import WEEKDAYS

TURNS = ("team", "name", "days", "from", "to", "turn", "handoff", "since", "people")
DUTIES = ("team", "person", "from", "to")
DAYS_OFF = "days off"
_GROUPS: Mapping[str, tuple[int, ...]] = {"every day": EVERY_DAY, "": EVERY_DAY, DAYS_OFF: ()}
_EVERY = re.compile(r"(\d{1,2}) (day|week)s?")
_WORDS = {"daily": "1 day", "weekly": "1 week", "": "1 week", "fixed": "0 days"}
_BETWEEN = re.compile(r"[\s,;/|>]+")


class RosterFileError(WiringError):
    """A row that cannot be read; the message names its line, its column and the remedy."""

    def __init__(self, line: int, column: str, problem: str, remedy: str) -> None:
        super().__init__(f"line {line}, {column}: {problem}; {remedy}")


@dataclass(frozen=True)
class DutyRow:
    """One dated duty; ``begins`` and ``ends`` are still as they were typed."""

    line: int
    team: str
    person: str
    begins: str
    ends: str


@dataclass(frozen=True)
class RosterFile:
    """``layers`` by team, with logins for people; or ``duties``. One of the two is empty."""

    layers: Mapping[str, tuple[Layer, ...]]
    duties: tuple[DutyRow, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of a spreadsheet: its number, and its cells by column."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def wrong(self, column: str, problem: str, remedy: str) -> RosterFileError:
        return RosterFileError(self.line, column, problem, remedy)


def read_roster(path: Path) -> RosterFile:
    """The file's rows. RosterFileError for the first that is wrong."""
    header, rows = rows_of(path)
    for row in rows:
        if not row["team"]:
            raise row.wrong("team", "empty", "name the team, as `tipline oncall` shows it")
    if set(DUTIES) == set(header):
        return RosterFile({}, tuple(_duty(row) for row in rows))
    if not {"team", "people"} <= set(header) <= set(TURNS):
        raise RosterFileError(1, "header", "unknown columns", f"write {', '.join(TURNS)}")
    layers: dict[str, tuple[Layer, ...]] = {}
    for row in rows:
        layers[row["team"]] = (*layers.get(row["team"], ()), _layer(row))
    return RosterFile(layers)


def as_csv(layers: Mapping[str, Iterable[Layer]]) -> str:
    """``layers`` (logins for people) as a file that ``read_roster`` reads."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(TURNS)
    for team, own in layers.items():
        for one in own:
            handoff = f"{WEEKDAYS[one.handoff_weekday]} {one.handoff_time}" if one.weekly else ""
            hours = (one.begins, "24:00" if one.ends == MIDNIGHT else one.ends)
            since = one.starts_on.isoformat()
            rows.writerow(
                (
                    team,
                    one.name,
                    _days_text(one),
                    *hours,
                    _turn_text(one),
                    handoff,
                    since,
                    " ".join(one.people),
                )
            )
    return out.getvalue()


def rows_of(path: Path) -> tuple[list[str], list[Row]]:
    """Header and rows of a spreadsheet. RosterFileError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise WiringError(f"{path.name}: cannot be read; save it as CSV (UTF-8)") from None
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip(" ,;") and not line.startswith("#")
    ]
    if not lines:
        raise RosterFileError(1, "header", "nothing there", f"write {', '.join(TURNS)}")
    if len(lines) == 1:
        raise RosterFileError(2, "row", "nothing there", "write at least one line below the header")
    between = ";" if lines[0][1].count(";") > lines[0][1].count(",") else ","
    read = [
        (number, [cell.strip() for cell in next(csv.reader([line], delimiter=between))])
        for number, line in lines
    ]
    header = [name.lower() for name in read[0][1]]
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        raise RosterFileError(1, "header", "a column twice", "name each once")
    return header, [_row(number, header, cells) for number, cells in read[1:]]


def _row(number: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header) and any(cells[len(header) :]):
        raise RosterFileError(number, "row", "more cells than columns", "separate people by spaces")
    return Row(number, dict(zip(header, cells, strict=False)))


def _duty(row: Row) -> DutyRow:
    return DutyRow(row.line, row["team"], row["person"].lower(), row["from"], row["to"])


def _layer(row: Row) -> Layer:
    people = tuple(filter(None, _BETWEEN.split(row["people"].lower())))
    if not people:
        raise row.wrong("people", "nobody", "name at least one login")
    if len(set(people)) < len(people):
        raise row.wrong("people", "somebody twice", "name each once")
    every, weekly = _turn(row)
    begins = _time(row, "from", row["from"] or MIDNIGHT)
    weekday, handoff = _handoff(row, begins)
    return Layer(
        name=row["name"] or row["days"] or "every day",
        people=people,
        starts_on=_since(row, every),
        days=_days(row),
        begins=begins,
        ends=_time(row, "to", row["to"] or MIDNIGHT),
        every=every,
        weekly=weekly,
        handoff_weekday=weekday,
        handoff_time=handoff,
    )


def _time(row: Row, column: str, text: str) -> str:
    try:
        return f"{time.fromisoformat(MIDNIGHT if text == '24:00' else text.zfill(5)):%H:%M}"
    except ValueError:
        raise row.wrong(column, "not a time of day", "write it as 07:30") from None


def _since(row: Row, every: int) -> date:
    if not every and not row["since"]:
        return date.min.replace(year=2000)
    try:
        return date.fromisoformat(row["since"])
    except ValueError:
        remedy = "write the day on which the first person's turn begins, as 2026-11-16"
        raise row.wrong("since", "not a day", remedy) from None


def _turn(row: Row) -> tuple[int, bool]:
    text = row["turn"].lower()
    found = _EVERY.fullmatch(_WORDS.get(text, text))
    if not found or (int(found[1]) == 0 and text != "fixed"):
        raise row.wrong("turn", "unknown", "write daily, weekly, fixed, 2 weeks or 3 days")
    return int(found[1]), found[2] == "week"


def _handoff(row: Row, begins: str) -> tuple[int, str]:
    day, _, at = (row["handoff"].lower() or "monday").partition(" ")
    weekday = _weekday(day)
    if weekday is None:
        raise row.wrong("handoff", "no weekday and time", "write it as monday 07:30")
    return weekday, _time(row, "handoff", at or begins)


def _days(row: Row) -> tuple[int, ...]:
    text = row["days"].lower()
    if text in _GROUPS:
        return _GROUPS[text]
    found: set[int] = set()
    for part in filter(None, _BETWEEN.split(text)):
        first, _, last = part.partition("-")
        begin, end = _weekday(first), _weekday(last or first)
        if begin is None or end is None:
            raise row.wrong("days", "unknown", "write mon-fri, sat sun, every day or days off")
        found |= {(begin + number) % 7 for number in range((end - begin) % 7 + 1)}
    return tuple(sorted(found))


def _weekday(text: str) -> int | None:
    named = [number for number, day in enumerate(WEEKDAYS) if len(text) > 2 and day.startswith(text)]  # noqa: PLR2004 - mon
    return named[0] if named else None


def _days_text(layer: Layer) -> str:
    known = {days: text for text, days in _GROUPS.items() if text} | {tuple(range(5)): "mon-fri"}
    return known.get(layer.days) or " ".join(WEEKDAYS[day][:3] for day in layer.days)


def _turn_text(layer: Layer) -> str:
    if not layer.every:
        return "fixed"
    unit = "week" if layer.weekly else "day"
    return {"1 day": "daily", "1 week": "weekly"}.get(f"{layer.every} {unit}", f"{layer.every} {unit}s")
