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
    "round1.csv": (83, 84, 1, 295),
    "round10.csv": (159, 156, 2, 551),
    "round11.csv": (187, 189, 1, 634),
    "round12.csv": (258, 288, 4, 899),
    "round13.csv": (266, 296, 1, 1077),
    "round14.csv": (106, 106, 1, 375),
    "round15.csv": (318, 307, 4, 1068),
    "round16.csv": (105, 106, 1, 367),
    "round17.csv": (293, 315, 12, 1066),
    "round18.csv": (104, 102, 3, 369),
    "round19.csv": (102, 100, 7, 342),
    "round2.csv": (79, 79, 3, 272),
    "round20.csv": (212, 219, 15, 698),
    "round21.csv": (179, 195, 5, 638),
    "round22.csv": (105, 103, 2, 367),
    "round23.csv": (106, 105, 2, 376),
    "round24.csv": (184, 183, 10, 639),
    "round25.csv": (112, 147, 2, 466),
    "round26.csv": (201, 212, 11, 679),
    "round27.csv": (317, 339, 4, 926),
    "round28.csv": (325, 328, 5, 924),
    "round29.csv": (102, 132, 1, 423),
    "round3.csv": (83, 81, 1, 285),
    "round30.csv": (103, 133, 2, 415),
    "round4.csv": (80, 82, 6, 270),
    "round5.csv": (86, 85, 1, 298),
    "round6.csv": (86, 82, 1, 288),
    "round7.csv": (85, 85, 2, 302),
    "round8.csv": (86, 85, 3, 297),
    "round9.csv": (157, 158, 1, 558),
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
