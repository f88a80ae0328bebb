"""People, account, number and route in a browser on a phone: nothing sideways, nothing too small."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from casework.web import staff_app
from tests.casework.test_browser import SIDEWAYS, SMALL
from tests.casework.world import PASSWORD
from tests.chromium import chromium, phone
from tests.security.whole import NEW_PASSWORD, Whole
from tests.serving import address, serve
from vault.database import Database

__all__ = ["chromium", "phone"]
pytestmark = pytest.mark.browser


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Whole:
    return Whole(database, tmp_path)


@pytest.fixture
def home(world: Whole) -> Iterator[str]:
    """The staff side without TLS, as on this machine."""
    deps = replace(world.app_deps, settings=replace(world.settings, loopback_demo=True))
    server = serve(staff_app(deps))
    yield address(server)
    server.shutdown()


def sign_in(page: Page, home: str, login: str) -> None:
    page.goto(f"{home}/sign-in")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def look(page: Page, name: str) -> None:
    """What must hold of every view on a phone."""
    if folder := os.environ.get("TIPLINE_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert page.evaluate(SIDEWAYS) <= 0, name
    assert page.evaluate(SMALL) == [], name


def test_somebody_new_makes_keys_and_is_let_in_by_two_phones(phone: Page, home: str, world: Whole) -> None:
    code = world.invited("eve", "Eve Example", "counseling")
    phone.goto(f"{home}/join")
    look(phone, "join")
    phone.get_by_label("The six words of your invitation").fill(code)
    phone.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    phone.get_by_label("New password again").fill(NEW_PASSWORD)
    phone.get_by_role("button", name="Make my keys").click()
    words = phone.locator(".words").inner_text()
    look(phone, "joined")
    sign_in(phone, home, "ana")
    phone.get_by_role("link", name="People").click()
    assert phone.locator(".words").inner_text() == words
    look(phone, "people")
    phone.get_by_role("button", name="let them in").click()
    phone.get_by_text("Take out …").first.click()
    look(phone, "proposed")
    phone.get_by_role("button", name="Sign out").click()
    sign_in(phone, home, "ben")
    phone.goto(f"{home}/people")
    phone.get_by_role("button", name="confirm").click()
    assert phone.get_by_text("They are in").is_visible()
    assert world.directory.teams_of("eve") == {"counseling"}


def test_account_number_and_route_fit_a_phone(phone: Page, home: str, world: Whole) -> None:
    filed = world.file("from a phone", by_text=True, teams=("counseling",))
    sign_in(phone, home, "ana")
    for path in ("/account", f"/case/{filed.reference}/number", f"/case/{filed.reference}/route"):
        phone.goto(home + path)
        look(phone, path.rpartition("/")[2])
    phone.get_by_label("social_work").check()
    phone.get_by_role("button", name="Send it to them").click()
    assert phone.get_by_text("Ana Example sent the case to social_work").is_visible()
    look(phone, "routed")
