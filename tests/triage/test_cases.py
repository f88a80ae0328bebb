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
    "round11.csv": (190, 194, 2, 639),
    "round12.csv": (262, 289, 5, 903),
    "round13.csv": (275, 303, 2, 1088),
    "round14.csv": (105, 106, 1, 374),
    "round15.csv": (324, 319, 5, 1085),
    "round16.csv": (106, 106, 1, 368),
    "round17.csv": (294, 318, 17, 1067),
    "round18.csv": (105, 106, 3, 373),
    "round19.csv": (105, 104, 6, 349),
    "round2.csv": (80, 84, 2, 277),
    "round20.csv": (214, 231, 15, 714),
    "round21.csv": (181, 200, 4, 646),
    "round22.csv": (105, 104, 1, 368),
    "round23.csv": (106, 105, 2, 375),
    "round24.csv": (185, 185, 12, 639),
    "round25.csv": (112, 147, 1, 465),
    "round26.csv": (210, 223, 8, 702),
    "round27.csv": (339, 364, 7, 980),
    "round28.csv": (341, 357, 5, 972),
    "round29.csv": (102, 132, 1, 422),
    "round3.csv": (83, 84, 1, 289),
    "round30.csv": (103, 133, 2, 424),
    "round31.csv": (90, 117, 3, 378),
    "round32.csv": (90, 118, 1, 377),
    "round33.csv": (88, 114, 3, 363),
    "round34.csv": (127, 83, 1, 377),
    "round35.csv": (127, 82, 2, 373),
    "round37.csv": (91, 109, 2, 361),
    "round4.csv": (80, 82, 6, 260),
    "round5.csv": (86, 85, 1, 299),
    "round6.csv": (85, 86, 1, 290),
    "round7.csv": (85, 90, 2, 305),
    "round8.csv": (87, 86, 2, 295),
    "round9.csv": (158, 157, 1, 556),
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
