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
    "round1.csv": (83, 85, 1, 296),
    "round10.csv": (159, 157, 2, 548),
    "round11.csv": (190, 193, 1, 629),
    "round12.csv": (263, 289, 4, 894),
    "round13.csv": (275, 296, 1, 1072),
    "round14.csv": (106, 106, 1, 369),
    "round15.csv": (322, 319, 4, 1063),
    "round16.csv": (106, 106, 1, 365),
    "round17.csv": (294, 315, 16, 1022),
    "round18.csv": (105, 105, 3, 365),
    "round19.csv": (103, 103, 5, 347),
    "round2.csv": (81, 84, 2, 269),
    "round20.csv": (215, 229, 13, 706),
    "round21.csv": (182, 203, 6, 639),
    "round22.csv": (105, 104, 1, 372),
    "round23.csv": (106, 106, 1, 372),
    "round24.csv": (186, 185, 13, 633),
    "round25.csv": (112, 146, 2, 459),
    "round26.csv": (217, 225, 3, 703),
    "round27.csv": (352, 369, 2, 978),
    "round28.csv": (344, 361, 5, 979),
    "round29.csv": (102, 132, 1, 424),
    "round3.csv": (83, 83, 1, 282),
    "round30.csv": (103, 132, 2, 418),
    "round31.csv": (90, 115, 2, 373),
    "round32.csv": (90, 115, 1, 374),
    "round33.csv": (88, 113, 1, 359),
    "round34.csv": (128, 82, 1, 371),
    "round35.csv": (128, 84, 2, 375),
    "round36.csv": (127, 145, 2, 455),
    "round37.csv": (94, 109, 2, 355),
    "round38.csv": (135, 137, 1, 462),
    "round39.csv": (112, 120, 1, 413),
    "round4.csv": (80, 81, 8, 253),
    "round40.csv": (127, 112, 1, 425),
    "round41.csv": (140, 207, 1, 544),
    "round42.csv": (208, 135, 2, 566),
    "round43.csv": (190, 134, 3, 535),
    "round44.csv": (102, 131, 2, 419),
    "round45.csv": (118, 116, 1, 419),
    "round46.csv": (163, 183, 2, 548),
    "round47.csv": (123, 111, 3, 417),
    "round48.csv": (102, 131, 1, 417),
    "round49.csv": (127, 113, 4, 413),
    "round5.csv": (86, 85, 1, 297),
    "round50.csv": (128, 112, 2, 418),
    "round51.csv": (128, 110, 3, 406),
    "round52.csv": (156, 145, 1, 459),
    "round53.csv": (128, 113, 2, 412),
    "round54.csv": (127, 112, 2, 414),
    "round55.csv": (128, 112, 2, 408),
    "round56.csv": (153, 146, 1, 448),
    "round57.csv": (126, 111, 1, 403),
    "round58.csv": (128, 110, 3, 406),
    "round59.csv": (127, 111, 2, 412),
    "round6.csv": (85, 87, 1, 287),
    "round60.csv": (126, 110, 3, 413),
    "round61.csv": (128, 111, 1, 421),
    "round62.csv": (126, 112, 2, 412),
    "round63.csv": (127, 111, 2, 415),
    "round64.csv": (128, 108, 2, 413),
    "round65.csv": (127, 110, 1, 411),
    "round66.csv": (128, 112, 3, 415),
    "round7.csv": (86, 92, 1, 304),
    "round8.csv": (87, 86, 2, 287),
    "round9.csv": (159, 156, 1, 547),
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
