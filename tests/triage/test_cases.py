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
    "lang_pt.csv": (15, 17, 0, 46),
    "lang_ru.csv": (15, 17, 0, 45),
    "lang_tl.csv": (15, 17, 0, 45),
    "lang_vi.csv": (15, 17, 0, 45),
    "lang_zh.csv": (15, 17, 0, 45),
    "round1.csv": (83, 84, 2, 294),
    "round10.csv": (159, 157, 2, 550),
    "round11.csv": (190, 194, 2, 637),
    "round12.csv": (262, 289, 3, 898),
    "round13.csv": (274, 301, 1, 1077),
    "round14.csv": (106, 106, 1, 371),
    "round15.csv": (320, 319, 4, 1063),
    "round16.csv": (106, 106, 1, 366),
    "round17.csv": (293, 317, 15, 1050),
    "round18.csv": (104, 106, 3, 371),
    "round19.csv": (103, 102, 4, 344),
    "round2.csv": (81, 82, 2, 267),
    "round20.csv": (214, 228, 13, 708),
    "round21.csv": (182, 201, 4, 634),
    "round22.csv": (105, 105, 1, 373),
    "round23.csv": (106, 105, 2, 373),
    "round24.csv": (186, 185, 11, 639),
    "round25.csv": (112, 147, 2, 460),
    "round26.csv": (214, 223, 7, 695),
    "round27.csv": (341, 360, 4, 957),
    "round28.csv": (342, 356, 5, 965),
    "round29.csv": (102, 131, 1, 421),
    "round3.csv": (83, 82, 1, 284),
    "round30.csv": (103, 132, 2, 417),
    "round31.csv": (90, 117, 3, 377),
    "round32.csv": (90, 118, 1, 380),
    "round33.csv": (88, 114, 2, 364),
    "round34.csv": (128, 83, 1, 375),
    "round35.csv": (126, 81, 2, 370),
    "round36.csv": (126, 146, 2, 458),
    "round37.csv": (93, 110, 1, 360),
    "round38.csv": (135, 138, 1, 465),
    "round39.csv": (111, 120, 1, 414),
    "round4.csv": (80, 82, 7, 259),
    "round40.csv": (128, 113, 1, 427),
    "round41.csv": (140, 211, 1, 548),
    "round42.csv": (208, 136, 2, 559),
    "round43.csv": (188, 134, 3, 526),
    "round44.csv": (102, 132, 2, 419),
    "round45.csv": (118, 116, 1, 421),
    "round46.csv": (164, 182, 2, 545),
    "round47.csv": (122, 110, 3, 415),
    "round48.csv": (102, 132, 1, 423),
    "round49.csv": (127, 113, 4, 414),
    "round5.csv": (86, 85, 1, 298),
    "round50.csv": (128, 110, 2, 420),
    "round51.csv": (127, 111, 5, 406),
    "round52.csv": (156, 146, 2, 462),
    "round53.csv": (128, 113, 2, 418),
    "round54.csv": (127, 112, 2, 413),
    "round55.csv": (128, 113, 3, 407),
    "round56.csv": (154, 146, 3, 445),
    "round57.csv": (125, 110, 1, 401),
    "round58.csv": (128, 111, 2, 414),
    "round6.csv": (85, 86, 1, 286),
    "round7.csv": (85, 89, 2, 303),
    "round8.csv": (88, 86, 1, 292),
    "round9.csv": (159, 156, 1, 552),
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
