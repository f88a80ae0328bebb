"""Plain words, plain traps and everyday sentences: what nobody may ever get wrong again."""

import csv
from pathlib import Path

from triage import Urgency, assess

CASES = Path(__file__).parent / "explicit.csv"
EXACT = 0.92


def _cases() -> list[tuple[Urgency, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return [(Urgency(row["urgency"]), row["text"]) for row in csv.DictReader(file)]


def test_no_explicit_danger_is_missed() -> None:
    missed = [text for band, text in _cases() if band.rank == 0 and assess(text).urgency.rank > 1]
    assert missed == []


def test_everyday_sentences_hardly_alarm() -> None:
    everyday = [text for band, text in _cases() if band is Urgency.ROUTINE]
    alarms = [text for text in everyday if assess(text).urgency.rank <= 1]
    assert len(alarms) <= 2, alarms


def test_nearly_all_are_exact() -> None:
    cases = _cases()
    exact = sum(assess(text).urgency is band for band, text in cases)
    assert exact >= EXACT * len(cases)
