"""Regression: every set of cases stays at least as well assessed as it is now."""

from pathlib import Path

import pytest

from triage.cases import read_cases
from triage.evaluate import outcomes
from triage.figures import shares, weighted_kappa
from triage.model import Urgency

CASES = Path(__file__).parent / "cases"
FLOORS = {
    "lang_ar.csv": (15, 17, 0, 45),
    "lang_fr.csv": (15, 17, 0, 46),
    "lang_ht.csv": (15, 17, 0, 45),
    "lang_pt.csv": (15, 17, 0, 45),
    "lang_ru.csv": (15, 17, 0, 45),
    "lang_tl.csv": (15, 17, 0, 45),
    "lang_vi.csv": (15, 17, 0, 45),
    "lang_zh.csv": (15, 17, 0, 45),
    "round1.csv": (83, 84, 1, 293),
    "round10.csv": (159, 155, 2, 540),
    "round11.csv": (186, 182, 1, 613),
    "round12.csv": (254, 282, 4, 885),
    "round13.csv": (247, 285, 1, 1036),
    "round14.csv": (97, 91, 2, 324),
    "round15.csv": (298, 283, 14, 1002),
    "round16.csv": (98, 96, 5, 322),
    "round2.csv": (73, 78, 2, 265),
    "round3.csv": (82, 78, 1, 278),
    "round4.csv": (79, 80, 8, 266),
    "round5.csv": (85, 84, 2, 295),
    "round6.csv": (80, 76, 1, 274),
    "round7.csv": (82, 81, 1, 295),
    "round8.csv": (81, 75, 1, 282),
    "round9.csv": (155, 154, 1, 554),
}


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_no_set_of_cases_gets_worse(name: str) -> None:
    found = outcomes(read_cases(CASES / name))
    figures = shares(found)
    immediate, urgent, alarms, accuracy = FLOORS[name]
    assert figures["recall_immediate_to_urgent"].hits >= immediate
    assert figures["recall_urgent"].hits >= urgent
    assert figures["routine_false_alarm"].hits <= alarms
    assert figures["accuracy"].hits >= accuracy
    kappa = weighted_kappa(found)
    assert kappa is None or kappa > 0


def test_every_file_of_cases_is_held_to_a_floor() -> None:
    assert {path.name for path in CASES.glob("*.csv")} == set(FLOORS)


def test_labels_are_known_bands() -> None:
    for path in CASES.glob("*.csv"):
        assert all(isinstance(case.urgency, Urgency) for case in read_cases(path))
