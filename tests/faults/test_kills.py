"""Kill anything at any moment: nothing answered "received" is lost, and hardly a phone hears a page twice."""

import random
from collections import Counter

import pytest

from tests.faults.carrier import Taken
from tests.faults.filing import file
from tests.faults.run import kills
from tests.faults.site import Site
from tests.faults.verdict import read_rows
from tests.journeys.demo import code_in
from tests.waiting import eventually

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


def test_a_kill_right_after_the_carrier_took_a_text_does_not_text_that_phone_again(site: Site) -> None:
    killed: list[Taken] = []

    def kill(text: Taken) -> None:
        if text.text and not killed:
            killed.append(text)
            for name in site.delivering:
                site.demo.kill(name)

    site.carrier.meanwhile = kill
    file(site.demo.form, immediate=True)
    eventually(lambda: _is_over(site), 30)
    heard = Counter((one.to, one.text, one.attempt) for one in site.carrier.taken if one.text)
    first = killed[0]
    assert heard[first.to, first.text, first.attempt] == 1
    assert code_in({"body": first.text})
    assert max(heard.values()) == 1
    # Of one phone all texts are this very text: the code is the same.
    assert {one.text for one in site.carrier.taken if one.text and one.to == first.to} == {first.text}


def _is_over(site: Site) -> bool:
    attempts = read_rows(site).attempts.values()
    return bool(attempts) and all(one.state in ("sent", "delivered") for one in attempts)


def test_a_carrier_that_answers_rings_every_phone_once(site: Site) -> None:
    file(site.demo.form, immediate=True)
    eventually(lambda: _is_over(site), 30)
    assert set(Counter((one.to, one.attempt) for one in site.carrier.taken).values()) == {1}
