"""What the persons of the stories do with their browsers: page objects, named as people would say it."""

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.journeys.demo import Demo, SignIn


@dataclass
class Student:
    """Somebody with a phone and something to tell."""

    page: Page
    demo: Demo
    receipt: str = ""

    def opens_form(self, language: str = "en") -> None:
        self.page.goto(f"{self.demo.form}/?lang={language}")

    def writes(self, text: str, *, about_adult: bool = False) -> None:
        self.page.fill("textarea[name=text]", text)
        if about_adult:
            self.page.check("input[name=adult]")
        self.page.click("main form button[type=submit]")
        words = self.page.locator(".receipt .words")
        if words.count():
            self.receipt = words.first.inner_text().strip()

    def tells(self, text: str, language: str = "en", *, about_adult: bool = False) -> str:
        """Open the form, write, send; the receipt."""
        self.opens_form(language)
        self.writes(text, about_adult=about_adult)
        return self.receipt

    def comes_back(self, receipt: str | None = None) -> str:
        """Open the thread with the receipt; what it says."""
        self.page.goto(f"{self.demo.form}/check?lang=en")
        self.page.fill("textarea[name=receipt]", receipt or self.receipt)
        self.page.click("main form button[type=submit]")
        return self.sees()

    def writes_again(self, text: str) -> str:
        """In the open thread."""
        self.page.fill("textarea[name=text]", text)
        self.page.click("main form button[type=submit]")
        return self.sees()

    def sees(self) -> str:
        return self.page.locator("body").inner_text()


@dataclass
class Counselor:
    """A member of a team at a screen."""

    page: Page
    demo: Demo

    def signs_in(self, who: SignIn) -> None:
        self.page.goto(f"{self.demo.casework}/sign-in")
        self.page.fill("input[name=login]", who.login)
        self.page.fill("input[name=password]", who.password)
        self.page.click("main form button.main")

    def inbox(self) -> str:
        self.page.goto(self.demo.casework)
        return self.sees()

    def opens(self, reference: str) -> str:
        self.page.goto(f"{self.demo.casework}/case/{reference}")
        return self.sees()

    def replies(self, text: str) -> str:
        self.page.fill("#reply textarea[name=text]", text)
        self.page.click("#reply button.main")
        return self.sees()

    def marked(self) -> list[str]:
        """The reporter's own words that are shown as reasons."""
        return self.page.locator("mark").all_inner_texts()

    def sees(self) -> str:
        return self.page.locator("body").inner_text()
