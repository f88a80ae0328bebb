"""The reporter's side in a real browser: a small phone, no JavaScript, a quick way out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from reporting.web import public_app
from templates.languages import OFFERED
from tests.chromium import chromium, phone
from tests.reporting.world import MAPLE, World
from tests.serving import address, serve
from vault.database import Database

__all__ = ["chromium", "phone"]
pytestmark = pytest.mark.browser

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document
    .querySelectorAll('button, select, textarea, summary, header a, nav a, .calls a, label')]
    .filter(one => one.getBoundingClientRect().height > 0 && one.nextElementSibling?.tagName !== 'TEXTAREA')
    .filter(one => one.tagName !== 'LABEL' || one.parentElement.className === 'choice')
    .filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"""


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


@pytest.fixture
def home(world: World) -> Iterator[str]:
    settings = replace(world.deps.settings, exit_url="/healthz")
    server = serve(public_app(replace(world.deps, settings=settings)))
    yield address(server)
    server.shutdown()


def fits(view: Page, *widths: int) -> None:
    """Nothing reaches out of a narrow view, and every target is large enough for a thumb."""
    for width in widths or (320, 360):
        view.set_viewport_size({"width": width, "height": 640})
        assert view.evaluate(SIDEWAYS) <= 0
    assert view.evaluate(SMALL) == []


def direction(view: Page, selector: str) -> str:
    return str(view.locator(selector).first.evaluate("one => getComputedStyle(one).direction"))


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_whole_way_on_a_small_phone_without_javascript(home: str, phone: Page, lang: str) -> None:
    phone.goto(f"{home}/?lang={lang}")
    fits(phone)
    phone.fill("#text", "averyveryverylongwordwithoutanyspacethatcouldpushaviewaside and more")
    phone.click("main form button")
    fits(phone)
    receipt = phone.inner_text(".receipt .words >> nth=0")
    phone.goto(f"{home}/check?lang={lang}")
    fits(phone)
    phone.fill("#receipt", "no such words")
    phone.click("main form button")
    fits(phone)
    phone.fill("#receipt", receipt)
    phone.click("main form button")
    fits(phone)
    phone.fill("#text", "one more thing")
    phone.click("main form button")
    fits(phone)
    assert "one more thing" in phone.inner_text(".thread")
    assert receipt.split()[0] not in phone.url
    assert phone.context.cookies() == []


def test_the_form_of_every_language_fits_a_small_phone(home: str, phone: Page) -> None:
    for lang in OFFERED:
        phone.goto(f"{home}/?lang={lang}")
        fits(phone, 320)


def test_arabic_runs_from_right_to_left_and_a_receipt_from_left_to_right(home: str, phone: Page) -> None:
    """The way out stays at the line's end; what somebody types runs in the direction of its own letters."""
    phone.goto(f"{home}/?lang=ar")
    left = "one => one.getBoundingClientRect().left"
    assert phone.locator(".exit").last.evaluate(left) < phone.locator(".name").evaluate(left)
    assert [direction(phone, one) for one in ("html", "#text")] == ["rtl", "rtl"]
    assert direction(phone, ".languages a[lang=en]") == "ltr"
    # A paragraph's own letters decide; an empty box begins where the page does ("auto" would not).
    assert phone.locator("#text").evaluate("one => getComputedStyle(one).unicodeBidi") == "plaintext"
    phone.fill("#text", "صديقي في الحديقة")
    phone.click("main form button")
    assert [direction(phone, one) for one in ("main", ".words", "details .words")] == ["rtl", "ltr", "ltr"]
    assert phone.locator("details .words").is_visible()
    phone.click("main form button")
    assert direction(phone, ".thread .text") == "rtl"


def test_pressing_shift_three_times_leaves_at_once(home: str, chromium: Browser) -> None:
    with chromium.new_context() as context:
        view = context.new_page()
        complaints: list[str] = []
        view.on("console", lambda message: complaints.append(message.text))
        view.goto(home)
        view.focus("#text")
        view.keyboard.type("HE Is")
        assert view.url == f"{home}/"
        for _ in range(3):
            view.keyboard.press("Shift")
        view.wait_for_url("**/healthz")
        view.goto(home)
        view.click(".exit")
        view.wait_for_url("**/healthz")
        assert complaints == []


def test_the_way_out_works_without_javascript_and_comes_second_for_keyboards(home: str, phone: Page) -> None:
    phone.goto(home)
    for _ in range(2):
        phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.getAttribute('href')") == "/leave"
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/healthz")


def test_a_thread_is_taken_back_by_pressing_no_and_then_yes(world: World, phone: Page) -> None:
    """Asked first; "no" leads back to the thread; after "yes" it says what becomes of it. No JavaScript."""
    schools = {MAPLE.id: replace(MAPLE, withdrawal=True)}
    server = serve(public_app(replace(world.deps, schools=schools)))
    try:
        phone.goto(address(server))
        phone.fill("#text", "somebody hurts himself and told nobody")
        phone.click("main form button")
        receipt = phone.inner_text(".receipt .words >> nth=0")
        phone.goto(f"{address(server)}/check")
        phone.fill("#receipt", receipt)
        phone.click("main form button")
        for answer in ("No, keep them", "Yes, take them back"):
            phone.click("text=Take my messages back")
            fits(phone)
            assert "someone has to read it first" in phone.inner_text("main")
            assert world.reports()[0].withdrawn_at is None
            phone.click(f"text={answer}")
            assert "told nobody" in phone.inner_text("main")
        assert "You took your messages back" in phone.inner_text("main")
        assert phone.locator("text=Take my messages back").count() == 0
        assert receipt.split()[0] not in phone.url
        assert world.reports()[0].withdrawn_at is not None
    finally:
        server.shutdown()
