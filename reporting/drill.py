"""A drill: a report that says that it is one, on the way of every report, so that the whole way is tried.

Its words come from a template, and it calls as an immediate report does. Nobody holds its receipt.
"""

from collections.abc import Sequence
from dataclasses import replace
from secrets import token_bytes

from reporting.draft import Draft
from reporting.reading import UNREAD
from reporting.receipt import Receipt
from reporting.schools import School
from reporting.web_origin import WebOrigin
from templates.words import render
from triage import Assessment, Urgency

ASSESSMENT = replace(UNREAD, urgency=Urgency.IMMEDIATE, scored=True, why="drill")


def assess(text: str, recent: Sequence[str]) -> Assessment:
    """In place of triage: a drill is immediate, whatever its words."""
    del text, recent
    return ASSESSMENT


def draft(school: School, install: str) -> Draft:
    """A drill's report for ``school``, in its first language, as if the form had sent it."""
    receipt = Receipt.from_nonce(token_bytes(32), token_bytes(16))
    origin = WebOrigin.of(receipt, pepper=token_bytes(32), install=install, from_form=True)
    locale = school.languages[0]
    text = render("messages/drill.txt", locale).strip()
    return Draft(school=school, text=text, locale=locale, origin=origin, drill=True)
