"""What ``make bench`` prints: the quickest row, whole, and a name that is none."""

import json

import pytest

from notify.escalation import PAGED
from tests.load import __main__ as bench
from tests.load import bench_triage
from tests.load.intake import message
from triage import assess


def test_a_row_is_one_line_of_json_with_its_baseline() -> None:
    (row,) = bench_triage.rows(20)
    said = json.loads(row.to_json())
    assert set(said) == {"name", "value", "unit", "baseline", "ratio", "p50_ms", "p99_ms"}
    assert said["ratio"] == pytest.approx(said["value"] / said["baseline"], abs=0.001)
    assert 0 < said["p50_ms"] <= said["p99_ms"]


def test_an_unknown_row_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match="no such row: speed"):
        bench.main(["speed"])


def test_every_fifth_message_of_the_reporters_journey_pages_and_no_other() -> None:
    """Triage learns: if it took the calm text for an alarm, the row would measure pages."""
    paging = [assess(message(number), ()).urgency.value in PAGED for number in range(6)]
    assert paging == [True, False, False, False, False, True]
