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
    "round1.csv": (83, 84, 1, 296),
    "round10.csv": (159, 156, 2, 545),
    "round11.csv": (188, 187, 2, 623),
    "round12.csv": (258, 289, 5, 898),
    "round13.csv": (261, 290, 1, 1061),
    "round14.csv": (105, 105, 1, 371),
    "round15.csv": (317, 305, 4, 1051),
    "round16.csv": (106, 106, 1, 366),
    "round17.csv": (293, 315, 13, 1068),
    "round18.csv": (103, 98, 3, 362),
    "round19.csv": (101, 99, 5, 341),
    "round2.csv": (80, 77, 2, 270),
    "round20.csv": (211, 216, 19, 694),
    "round21.csv": (175, 195, 6, 631),
    "round22.csv": (105, 104, 1, 370),
    "round23.csv": (106, 105, 2, 378),
    "round3.csv": (83, 78, 1, 280),
    "round4.csv": (79, 81, 6, 266),
    "round5.csv": (85, 85, 1, 295),
    "round6.csv": (85, 83, 1, 287),
    "round7.csv": (82, 79, 1, 294),
    "round8.csv": (87, 85, 1, 299),
    "round9.csv": (158, 158, 1, 556),
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
