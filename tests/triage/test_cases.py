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
    "round1.csv": (83, 83, 1, 293),
    "round10.csv": (159, 154, 2, 549),
    "round11.csv": (187, 190, 2, 633),
    "round12.csv": (257, 286, 4, 892),
    "round13.csv": (267, 297, 1, 1075),
    "round14.csv": (106, 105, 1, 374),
    "round15.csv": (317, 305, 4, 1066),
    "round16.csv": (105, 106, 1, 366),
    "round17.csv": (293, 313, 12, 1062),
    "round18.csv": (104, 101, 3, 367),
    "round19.csv": (102, 100, 6, 343),
    "round2.csv": (79, 79, 3, 270),
    "round20.csv": (213, 220, 16, 695),
    "round21.csv": (177, 193, 5, 635),
    "round22.csv": (105, 104, 1, 369),
    "round23.csv": (106, 105, 2, 375),
    "round24.csv": (182, 182, 10, 634),
    "round25.csv": (112, 147, 2, 464),
    "round26.csv": (202, 213, 10, 679),
    "round27.csv": (316, 335, 7, 920),
    "round28.csv": (325, 325, 5, 923),
    "round29.csv": (102, 132, 1, 422),
    "round3.csv": (83, 80, 1, 284),
    "round30.csv": (103, 133, 2, 417),
    "round31.csv": (90, 116, 2, 375),
    "round32.csv": (89, 116, 1, 374),
    "round33.csv": (87, 111, 2, 359),
    "round4.csv": (80, 82, 5, 267),
    "round5.csv": (86, 85, 1, 296),
    "round6.csv": (86, 81, 1, 287),
    "round7.csv": (85, 84, 2, 302),
    "round8.csv": (87, 84, 2, 298),
    "round9.csv": (158, 158, 1, 559),
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
