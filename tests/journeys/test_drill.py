"""A drill takes the whole way: the real command, real processes, a phone that says DRILL, and who took it."""

import json

import pytest

from tests.journeys.demo import Demo, code_in, reference_in
from tests.waiting import eventually

pytestmark = pytest.mark.slow


def test_a_drill_rings_says_so_and_tells_who_took_it(demo: Demo) -> None:
    with demo.running("drill", "--json", "--wait", "60") as drill:
        page = eventually(
            lambda: [one for one in demo.carrier.pages() if one["body"].startswith("DRILL")], 20
        )[0]
        demo.carrier.send(page["to"], demo.carrier.number("pager"), code_in(page))
        said, _ = drill.communicate(timeout=60)
    assert drill.returncode == 0
    found = json.loads(said)
    assert (found["acknowledged"], found["reference"]) == (True, reference_in(page))
    assert found["by"] in {one["name"] for one in demo.carrier.phones()}
    assert found["channels"]["sms"]["errors"] == []
