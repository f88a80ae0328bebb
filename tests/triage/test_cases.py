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
    "round1.csv": (83, 84, 2, 295),
    "round10.csv": (159, 157, 2, 552),
    "round11.csv": (191, 194, 3, 631),
    "round12.csv": (263, 290, 4, 894),
    "round13.csv": (277, 304, 1, 1080),
    "round14.csv": (106, 106, 1, 371),
    "round15.csv": (325, 323, 4, 1067),
    "round16.csv": (106, 106, 1, 366),
    "round17.csv": (294, 318, 16, 1046),
    "round18.csv": (104, 106, 3, 369),
    "round19.csv": (103, 103, 4, 346),
    "round2.csv": (81, 83, 2, 270),
    "round20.csv": (215, 229, 14, 710),
    "round21.csv": (182, 203, 4, 640),
    "round22.csv": (105, 105, 1, 373),
    "round23.csv": (106, 106, 2, 374),
    "round24.csv": (186, 185, 13, 637),
    "round25.csv": (112, 147, 2, 462),
    "round26.csv": (216, 229, 7, 706),
    "round27.csv": (352, 378, 5, 984),
    "round28.csv": (346, 361, 5, 973),
    "round29.csv": (102, 132, 1, 423),
    "round3.csv": (83, 83, 1, 286),
    "round30.csv": (103, 132, 2, 417),
    "round31.csv": (90, 117, 3, 375),
    "round32.csv": (90, 117, 1, 377),
    "round33.csv": (88, 115, 2, 364),
    "round34.csv": (128, 83, 1, 375),
    "round35.csv": (127, 83, 2, 369),
    "round36.csv": (127, 147, 1, 460),
    "round37.csv": (94, 109, 1, 362),
    "round38.csv": (136, 138, 1, 466),
    "round39.csv": (112, 121, 1, 415),
    "round4.csv": (80, 82, 10, 258),
    "round40.csv": (128, 113, 1, 426),
    "round41.csv": (141, 211, 1, 549),
    "round42.csv": (209, 136, 2, 559),
    "round43.csv": (191, 136, 3, 535),
    "round44.csv": (102, 132, 2, 417),
    "round45.csv": (118, 117, 1, 420),
    "round46.csv": (165, 184, 2, 549),
    "round47.csv": (122, 111, 3, 414),
    "round48.csv": (102, 132, 1, 423),
    "round49.csv": (127, 113, 4, 410),
    "round5.csv": (86, 85, 1, 296),
    "round50.csv": (128, 112, 2, 418),
    "round51.csv": (128, 111, 4, 407),
    "round52.csv": (156, 147, 2, 463),
    "round53.csv": (128, 113, 2, 417),
    "round54.csv": (127, 112, 2, 416),
    "round55.csv": (128, 113, 3, 411),
    "round56.csv": (153, 146, 3, 446),
    "round57.csv": (126, 111, 2, 407),
    "round58.csv": (128, 112, 2, 412),
    "round59.csv": (127, 112, 3, 412),
    "round6.csv": (85, 87, 1, 288),
    "round60.csv": (126, 112, 4, 414),
    "round61.csv": (128, 112, 1, 422),
    "round62.csv": (126, 113, 2, 416),
    "round7.csv": (86, 91, 2, 304),
    "round8.csv": (88, 87, 1, 294),
    "round9.csv": (159, 156, 1, 550),
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
