"""What a page says: no word of a message, only the case's reference, its urgency and the digits."""

from collections.abc import Sequence
from dataclasses import dataclass

from notify.drills import SELF_TEST
from templates.words import render

# Kinds of attempts that are one line of text each, by whichever channel they go.
LINES = ("told", "kept", "withdrawn", "taken")
OFFER = "offer"
# What stands above whatever is no page, where a channel has such a place.
TITLE = "Tipline"


@dataclass(frozen=True)
class Saying:
    """The facts a page or a told text is made of; all of them may be said aloud.

    ``pin``: whoever takes it on the phone shows with theirs that it is them.
    """

    kind: str
    urgency: str
    reference: str
    code: str = ""
    name: str = ""
    pin: bool = False


def pages_text(sayings: Sequence[Saying], locale: str) -> str:
    """The text of a page, or one for several, saying how many; its English has ``Reply NNNNN`` for each."""
    if len(sayings) == 1:
        return render("messages/page.txt", locale, saying=sayings[0]).strip()
    return render("messages/pages.txt", locale, sayings=sayings).strip()


def line_text(kind: str, saying: Saying, locale: str) -> str:
    """A line to those who were paged (told), to a colleague (offer, withdrawn), to an owner (kept, taken)."""
    return render(f"messages/{kind}.txt", locale, saying=saying).strip()


def notice(kind: str, saying: Saying, locale: str, link: str) -> tuple[str, str]:
    """Title and body of a page or an offer by e-mail or push.

    ``link``: where the case is taken by whoever signs in; opening it takes nothing.
    """
    name = "offer_headline" if kind == OFFER else "headline"
    title = render(f"messages/{name}.txt", locale, saying=saying).strip()
    facts = {"title": title, "link": link, "offer": kind == OFFER, "test": saying.kind == SELF_TEST}
    return title, render("messages/notice.txt", locale, **facts).strip()


def call_xml(kind: str, saying: Saying, locale: str, action: str) -> str:
    """TwiML that speaks the page, or the offer, and posts the pressed digit to ``action``."""
    spelled = ", ".join(" ".join(part) for part in saying.reference.split("-"))
    facts = {"saying": saying, "spelled": spelled, "offer": kind == OFFER}
    spoken = " ".join(render("messages/spoken.txt", locale, **facts).split())
    return render("messages/call.xml", locale, spoken=spoken, action=action, pin=saying.pin)


def letter_xml(spoken: str, locale: str) -> str:
    """TwiML that says what is no page, and asks for nothing."""
    return render("messages/spoken_letter.xml", locale, spoken=spoken)
