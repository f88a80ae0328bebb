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
    "round1.csv": (83, 84, 2, 296),
    "round10.csv": (159, 157, 2, 548),
    "round11.csv": (190, 195, 2, 637),
    "round12.csv": (263, 290, 4, 900),
    "round13.csv": (277, 303, 1, 1086),
    "round14.csv": (106, 106, 1, 373),
    "round15.csv": (327, 323, 4, 1077),
    "round16.csv": (106, 106, 1, 366),
    "round17.csv": (294, 321, 20, 1059),
    "round18.csv": (106, 106, 3, 370),
    "round19.csv": (103, 104, 5, 347),
    "round2.csv": (81, 83, 2, 270),
    "round20.csv": (214, 230, 14, 716),
    "round21.csv": (183, 203, 4, 645),
    "round22.csv": (105, 105, 1, 373),
    "round23.csv": (106, 106, 2, 373),
    "round24.csv": (186, 185, 13, 638),
    "round25.csv": (112, 147, 2, 462),
    "round26.csv": (216, 231, 7, 712),
    "round27.csv": (355, 381, 5, 996),
    "round28.csv": (346, 367, 5, 985),
    "round29.csv": (102, 131, 1, 423),
    "round3.csv": (83, 83, 1, 287),
    "round30.csv": (103, 132, 2, 418),
    "round31.csv": (90, 117, 3, 377),
    "round32.csv": (90, 117, 1, 377),
    "round33.csv": (88, 115, 2, 365),
    "round34.csv": (128, 83, 1, 377),
    "round35.csv": (128, 82, 2, 371),
    "round36.csv": (127, 146, 1, 460),
    "round37.csv": (94, 110, 1, 365),
    "round38.csv": (136, 138, 1, 467),
    "round39.csv": (112, 121, 1, 416),
    "round4.csv": (80, 82, 12, 259),
    "round40.csv": (128, 113, 1, 426),
    "round41.csv": (141, 212, 1, 549),
    "round42.csv": (209, 136, 2, 563),
    "round43.csv": (190, 136, 3, 538),
    "round44.csv": (102, 132, 2, 420),
    "round45.csv": (118, 117, 1, 423),
    "round46.csv": (165, 185, 2, 554),
    "round47.csv": (122, 110, 3, 414),
    "round48.csv": (102, 132, 1, 423),
    "round49.csv": (127, 113, 5, 413),
    "round5.csv": (86, 85, 1, 297),
    "round50.csv": (128, 112, 2, 421),
    "round51.csv": (128, 111, 4, 409),
    "round52.csv": (156, 146, 2, 466),
    "round53.csv": (128, 113, 2, 417),
    "round54.csv": (128, 112, 2, 416),
    "round55.csv": (128, 113, 3, 413),
    "round56.csv": (153, 146, 3, 451),
    "round57.csv": (126, 111, 2, 408),
    "round58.csv": (128, 112, 2, 414),
    "round59.csv": (128, 112, 3, 413),
    "round6.csv": (85, 87, 1, 288),
    "round60.csv": (127, 112, 4, 416),
    "round7.csv": (85, 90, 2, 303),
    "round8.csv": (89, 87, 1, 295),
    "round9.csv": (159, 158, 1, 552),
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
