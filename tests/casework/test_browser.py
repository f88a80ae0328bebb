"""The staff side in a real browser: small, without JavaScript, with the keyboard's help."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from casework.settings import StaffSettings
from notify.duty_tables import ContactMethod
from tests.casework.world import PASSWORD, World, scored, signal
from tests.chromium import chromium, phone
from tests.serving import address, serve
from vault.database import Database

__all__ = ["chromium", "phone"]
pytestmark = pytest.mark.browser

TEXT = "averyveryverylongwordwithoutanyspacethatcouldpushaviewaside tonight I will end it, I have her pills"
ARABIC = "أنا في المدرسة. أريد أن أموت الليلة and I told Sam"
FOUND = scored(
    signals=(
        signal(TEXT, "I will end it", "says it"),
        signal(TEXT, "end it, I have her pills", "has means", kind="pills"),
    ),
    raise_by=("a date",),
)
SIDEWAYS = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
SMALL = """() => [...document.querySelectorAll('button, .button, input, textarea, summary, nav a')]
    .filter(one => one.type !== 'hidden' && one.type !== 'radio' && one.getBoundingClientRect().height > 0)
    .filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"""


@pytest.fixture
def world(database: Database) -> World:
    return World(database, StaffSettings(loopback_demo=True))


@pytest.fixture
def home(world: World) -> Iterator[str]:
    server = serve(world.app)
    yield address(server)
    server.shutdown()


def test_a_tired_counselor_takes_reads_and_answers_a_case(world: World, home: str, phone: Page) -> None:
    filed = world.file(TEXT, assessment=FOUND)
    world.page(filed)
    phone.goto(home)
    phone.fill("#login", "ana")
    phone.fill("#password", PASSWORD)
    phone.click("main form button")
    phone.click("text=I have it")
    assert "You have it. The phones stop." in phone.inner_text("body")
    assert phone.locator("mark").all_inner_texts() == ["I will ", "end it", ", I have her pills"]
    phone.click("text=Are you safe right now?")
    phone.click("text=Where are you now")
    phone.click("text=Send reply")
    assert "Sent. It is the last message above." in phone.inner_text("body")
    said = world.read_with_receipt(filed)[-1]
    assert said.text == "Are you safe right now?\nWhere are you now, and is somebody with you?"


def test_a_message_in_arabic_is_shown_from_right_to_left(world: World, home: str, phone: Page) -> None:
    """In an English view, with the marked stretches in their places and its reasons beside it."""
    found = scored(signals=(signal(ARABIC, "أريد أن أموت", "says it"),), language="ar")
    filed = world.file(ARABIC, assessment=found)
    phone.goto(f"{home}/case/{filed.reference}")
    phone.fill("#login", "ana")
    phone.fill("#password", PASSWORD)
    phone.click("main form button")
    phone.locator(".message details summary").click()
    direction = "all => all.map(one => getComputedStyle(one).direction)"
    shown = {one: phone.locator(one).evaluate_all(direction) for one in ("html", ".body", "mark", "q bdi")}
    assert shown == {"html": ["ltr"], ".body": ["rtl"], "mark": ["rtl"], "q bdi": ["rtl"]}
    assert phone.locator("mark").all_inner_texts() == ["أريد أن أموت"]
    assert "Arabic" in phone.inner_text(".message")
    tap = phone.locator(".tap", has_text="Are you safe right now?")
    assert tap.locator("[lang=ar]").evaluate_all(direction) == ["rtl"]
    tap.click()
    assert phone.input_value("#text") == "هل أنت في أمان الآن؟"
    assert phone.evaluate(SIDEWAYS) == 0


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_view_scrolls_sideways_and_every_target_fits_a_thumb(
    world: World, home: str, phone: Page, width: int
) -> None:
    filed = world.file(TEXT, assessment=FOUND, by_text=True)
    with world.database.writing() as session:
        for login in ("ana", "ben"):
            way = {"id": login, "responder_id": f"r-{login}", "channel": "sms"}
            session.add(ContactMethod(**way, sealed_address=b"", address_key=login))
    world.page(filed)
    phone.set_viewport_size({"width": width, "height": 640})
    phone.goto(f"{home}/case/{filed.reference}")
    assert (phone.evaluate(SIDEWAYS), phone.evaluate(SMALL)) == (0, [])
    phone.fill("#login", "ana")
    phone.fill("#password", PASSWORD)
    phone.click("main form button")
    for path in (
        f"/case/{filed.reference}",
        "/",
        "/?show=closed",
        f"/case/{filed.reference}/close",
        "/ways",
        "/nowhere",
    ):
        phone.goto(home + path)
        for closed in phone.locator("details:not([open]) summary").all():
            closed.click()
        assert (phone.evaluate(SIDEWAYS), phone.evaluate(SMALL)) == (0, []), path


def test_everybody_signed_in_sees_that_phones_may_not_ring(world: World, home: str, phone: Page) -> None:
    world.file(TEXT, assessment=FOUND)
    phone.goto(home)
    phone.fill("#login", "ana")
    phone.fill("#password", PASSWORD)
    phone.click("main form button")
    assert phone.get_by_role("alert").count() == 0
    world.impaired = True
    phone.reload()
    assert phone.get_by_role("alert").get_by_text("Phones may not ring").is_visible()
