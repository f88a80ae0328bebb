"""Every address has a declared rule, and keeps it. Generated from the map of addresses."""

import re

from werkzeug.routing import Rule

from casework.access import Access
from casework.web import ACCESS, ROUTES
from tests.casework.world import World


def _address(rule: Rule, world: World) -> str:
    """An address that exists for this rule, so that only access decides."""
    filed = world.file("something")
    parts = {
        "reference": filed.reference,
        "page_id": world.page(filed),
        "drill_id": world.drill(),
        "filename": "staff.css",
    }
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts[found.group(1)], rule.rule)


def test_every_address_declares_its_access(world: World) -> None:
    assert {rule.endpoint for rule in world.app.url_map.iter_rules()} == set(ACCESS)


def test_no_two_routes_share_a_name() -> None:
    assert len({route.endpoint for route in ROUTES}) == len(ROUTES)


def test_an_address_without_a_rule_is_refused(world: World) -> None:
    world.app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    assert world.signed_in("ana").get("/forgotten").status_code == 403


def test_what_is_for_members_is_closed_to_everybody_else(world: World) -> None:
    for rule in list(world.app.url_map.iter_rules()):
        if ACCESS[rule.endpoint] is Access.ANYONE:
            continue
        stranger = world.browser()
        stranger.get("/sign-in")
        address = _address(rule, world)
        if "GET" in (rule.methods or ()):
            answer = stranger.get(address)
            assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in"), address
        else:
            assert stranger.post(address).status_code == 401, address


def test_a_form_without_its_token_does_nothing(world: World) -> None:
    for rule in list(world.app.url_map.iter_rules()):
        if "POST" not in (rule.methods or ()):
            continue
        member, address = world.signed_in("ana"), _address(rule, world)
        before = world.audited()
        assert member.post(address, csrf_token="").status_code == 400, address
        assert world.audited() == before, address


def test_a_member_of_no_team_of_the_case_does_not_find_it(world: World) -> None:
    outsider = world.signed_in("dora")
    outsider.get("/")
    for rule in list(world.app.url_map.iter_rules()):
        if "<reference>" not in rule.rule:
            continue
        address = _address(rule, world)
        answer = outsider.get(address) if "GET" in (rule.methods or ()) else outsider.post(address)
        assert answer.status_code == 404, address
    assert "case_opened" not in {verb for _, verb, _ in world.audited()}
