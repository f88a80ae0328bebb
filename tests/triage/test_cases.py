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
    "round10.csv": (159, 157, 2, 553),
    "round11.csv": (190, 193, 2, 634),
    "round12.csv": (262, 289, 5, 896),
    "round13.csv": (273, 300, 1, 1082),
    "round14.csv": (105, 106, 1, 372),
    "round15.csv": (323, 319, 5, 1072),
    "round16.csv": (106, 106, 1, 367),
    "round17.csv": (294, 318, 15, 1058),
    "round18.csv": (105, 106, 3, 373),
    "round19.csv": (106, 103, 6, 347),
    "round2.csv": (80, 83, 2, 272),
    "round20.csv": (215, 230, 14, 714),
    "round21.csv": (184, 200, 4, 641),
    "round22.csv": (105, 104, 1, 372),
    "round23.csv": (106, 105, 2, 375),
    "round24.csv": (186, 185, 12, 640),
    "round25.csv": (112, 147, 1, 464),
    "round26.csv": (213, 226, 8, 706),
    "round27.csv": (343, 363, 6, 976),
    "round28.csv": (341, 355, 4, 967),
    "round29.csv": (102, 132, 1, 422),
    "round3.csv": (83, 83, 1, 288),
    "round30.csv": (103, 132, 2, 421),
    "round31.csv": (90, 117, 2, 377),
    "round32.csv": (90, 118, 1, 379),
    "round33.csv": (88, 114, 1, 365),
    "round34.csv": (127, 83, 1, 375),
    "round35.csv": (127, 81, 2, 372),
    "round36.csv": (127, 145, 1, 459),
    "round37.csv": (94, 109, 2, 363),
    "round38.csv": (136, 138, 1, 466),
    "round39.csv": (112, 121, 1, 414),
    "round4.csv": (80, 82, 7, 259),
    "round40.csv": (128, 113, 1, 427),
    "round41.csv": (140, 211, 1, 547),
    "round42.csv": (208, 136, 2, 564),
    "round43.csv": (190, 135, 1, 537),
    "round5.csv": (86, 85, 1, 298),
    "round6.csv": (85, 86, 1, 289),
    "round7.csv": (85, 89, 2, 302),
    "round8.csv": (87, 87, 2, 296),
    "round9.csv": (159, 156, 1, 556),
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
