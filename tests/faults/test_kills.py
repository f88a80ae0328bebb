"""Kill anything at any moment: nothing answered "received" is lost, and hardly a phone hears a page twice."""

import random

import pytest

from tests.faults.run import kills
from tests.faults.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]

KILLS = 60
DUPLICATES_A_KILL = 0.1
SEED = 20_260_901


def test_no_message_and_no_page_is_lost_whatever_is_killed(
    site: Site, request: pytest.FixtureRequest
) -> None:
    found, limit = kills(site, request.node.name, KILLS, random.Random(SEED))  # noqa: S311 - moments, no secrets
    assert found.reports >= 4 * KILLS
    assert found.pages >= found.reports // 2
    assert found.lost == 0
    assert found.duplicates <= DUPLICATES_A_KILL * KILLS
    assert found.worst_first_send_s <= limit
