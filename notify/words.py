"""What a page says: no word of a message, only the case's reference, its urgency and the digits."""

from collections.abc import Sequence
from dataclasses import dataclass

from templates.words import render

# Kinds of attempts that are one line of text each.
LINES = ("told", "offer", "kept")


@dataclass(frozen=True)
class Saying:
    """The facts a page or a told text is made of; all of them may be said aloud."""

    kind: str
    urgency: str
    reference: str
    code: str = ""
    name: str = ""


def page_text(saying: Saying, locale: str) -> str:
    """The text of a page; its English has ``Reply NNNNN``."""
    return render("messages/page.txt", locale, saying=saying).strip()


def pages_text(sayings: Sequence[Saying], locale: str) -> str:
    """One text for several pages, each with its own ``Reply NNNNN``, saying how many."""
    return render("messages/pages.txt", locale, sayings=sayings).strip()


def line_text(kind: str, saying: Saying, locale: str) -> str:
    """A line to those who were paged (told), to a colleague (offer), or to whoever offered in vain (kept)."""
    return render(f"messages/{kind}.txt", locale, saying=saying).strip()


def call_xml(saying: Saying, locale: str, action: str) -> str:
    """TwiML that speaks the page and posts the pressed digit to ``action``."""
    spelled = ", ".join(" ".join(part) for part in saying.reference.split("-"))
    spoken = render("messages/spoken.txt", locale, saying=saying, spelled=spelled).strip()
    return render("messages/call.xml", locale, spoken=spoken, action=action)
