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
    "round1.csv": (83, 84, 2, 295),
    "round10.csv": (159, 157, 2, 551),
    "round11.csv": (189, 193, 2, 638),
    "round12.csv": (262, 289, 5, 896),
    "round13.csv": (273, 301, 1, 1084),
    "round14.csv": (106, 106, 1, 374),
    "round15.csv": (323, 319, 6, 1075),
    "round16.csv": (106, 106, 1, 368),
    "round17.csv": (293, 317, 16, 1061),
    "round18.csv": (105, 106, 3, 373),
    "round19.csv": (105, 103, 6, 346),
    "round2.csv": (80, 83, 2, 271),
    "round20.csv": (215, 230, 14, 709),
    "round21.csv": (181, 202, 5, 641),
    "round22.csv": (105, 105, 1, 372),
    "round23.csv": (106, 105, 2, 375),
    "round24.csv": (186, 184, 12, 639),
    "round25.csv": (112, 147, 2, 463),
    "round26.csv": (210, 227, 11, 701),
    "round27.csv": (346, 363, 6, 981),
    "round28.csv": (341, 356, 5, 963),
    "round29.csv": (102, 132, 1, 421),
    "round3.csv": (83, 83, 1, 287),
    "round30.csv": (103, 132, 2, 421),
    "round31.csv": (90, 117, 2, 378),
    "round32.csv": (90, 118, 1, 380),
    "round33.csv": (88, 113, 1, 363),
    "round34.csv": (128, 83, 1, 376),
    "round35.csv": (127, 81, 2, 370),
    "round36.csv": (126, 145, 1, 459),
    "round37.csv": (94, 109, 2, 364),
    "round38.csv": (135, 138, 1, 466),
    "round39.csv": (111, 120, 1, 415),
    "round4.csv": (80, 82, 7, 261),
    "round40.csv": (128, 113, 1, 427),
    "round41.csv": (139, 211, 1, 549),
    "round42.csv": (209, 136, 3, 564),
    "round43.csv": (191, 135, 3, 538),
    "round44.csv": (102, 131, 2, 417),
    "round45.csv": (118, 116, 1, 422),
    "round46.csv": (164, 182, 2, 548),
    "round47.csv": (122, 110, 3, 412),
    "round48.csv": (102, 132, 1, 423),
    "round5.csv": (86, 84, 2, 297),
    "round6.csv": (85, 85, 1, 288),
    "round7.csv": (85, 88, 2, 303),
    "round8.csv": (86, 86, 2, 294),
    "round9.csv": (159, 156, 2, 556),
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
