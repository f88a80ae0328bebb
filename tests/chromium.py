"""A real headless Chromium for the tests that look at pages. Without one they skip; in CI they fail."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # containers without user namespaces
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_RUNNING: list[Browser] = []
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser a run, however many test folders ask for it: Playwright cannot be started twice."""
    if _RUNNING:
        yield _RUNNING[0]
        return
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("CI must have a Chromium")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        _RUNNING.append(browser)
        yield browser
        _RUNNING.clear()
        browser.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A student's phone: small, English, JavaScript off."""
    with _context(chromium, "en-US") as context:
        yield context.new_page()


@pytest.fixture
def telefono(chromium: Browser) -> Iterator[Page]:
    """The same in Spanish."""
    with _context(chromium, "es-MX") as context:
        yield context.new_page()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    """A counselor's screen; casework needs no JavaScript either."""
    with chromium.new_context(viewport=DESK, locale="en-US", java_script_enabled=False) as context:  # type: ignore[arg-type]
        yield context.new_page()


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page for people to look at (``tests/browser/shots``, not in git)."""
    folder = Path(__file__).parent / "browser" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def _context(browser: Browser, locale: str) -> BrowserContext:
    return browser.new_context(viewport=PHONE, locale=locale, java_script_enabled=False)  # type: ignore[arg-type]
