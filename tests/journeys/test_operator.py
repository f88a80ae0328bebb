"""What an operator does before a school is live: a drill, and a code to each phone, by the real commands."""

import json
import re

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


def test_a_phone_is_its_members_once_they_read_out_its_code(demo: Demo) -> None:
    with demo.running("contacts", "verify", "--login", "district") as verifying:
        text = eventually(
            lambda: [one for one in demo.carrier.messages() if "your code is" in one["body"]], 30
        )[0]
        code = re.search(r"code is (\d{6})", text["body"])
        assert code
        said, _ = verifying.communicate(f"123\n{code.group(1)}\n", timeout=60)
    assert verifying.returncode == 0
    assert "That is not it." in said
    assert "The phone of Lena Okoye is verified." in said
    assert code.group(1) not in said
