"""Every word a reporter reads is there in Spanish too, and fits into a text where it must."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

import triage
from reporting.draft import Filed
from reporting.text_answers import TextAnswers
from templates.words import LOCALES, ROOT, catalogue
from tests.reporting.browser import come_back, send, words
from tests.reporting.world import FRIDAY_NIGHT, MAPLE, WEDNESDAY, World
from triage import Urgency

OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "extensions": "jinja2.ext.i18n"}
# The basic alphabet of GSM 03.38, as far as we use it: one sign outside halves what a text holds.
GSM = set(" !\"#%&'()*+,-./:;<=>?@_¡¿Ññéüàèìòùäö\n0123456789") | set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
THREE_PARTS = 3 * 153
SITE = "https://tips.example.test"


def templates() -> list[Path]:
    return sorted([*(ROOT / "public").glob("*.html"), *(ROOT / "messages").glob("line_*")])


def words_of(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _, _, found, _ in babel_extract(file, ("_", "gettext", "ngettext"), [], OPTIONS):
            yield str(found if isinstance(found, str) else (found or ("",))[0])


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_every_word_has_its_spanish(path: Path) -> None:
    spanish = catalogue("es")
    missing = [said for said in words_of(path) if spanish.gettext(said) == said and said != "No"]
    assert missing == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_spanish_keeps_every_value(path: Path) -> None:
    for said in words_of(path):
        fields = re.findall(r"%\(\w+\)s", said)
        assert sorted(re.findall(r"%\(\w+\)s", catalogue("es").gettext(said))) == sorted(fields)


def test_spanish_speaks_to_a_child_as_tu() -> None:
    said = " ".join(catalogue("es").gettext(found) for path in templates() for found in words_of(path))
    assert not re.search(r"\b(usted|ustedes|su mensaje|escriba|llame)\b", said, re.IGNORECASE)


def answers(locale: str) -> list[str]:
    line = TextAnswers(replace(MAPLE, languages=(locale,)), SITE)
    said = [line.stopped(locale), line.started(locale), line.not_received(locale)]
    for now in (WEDNESDAY, FRIDAY_NIGHT):
        for urgency in (Urgency.IMMEDIATE, Urgency.ROUTINE):
            assessment = replace(triage.assess(""), urgency=urgency, language=locale)
            said += [
                line.filed(Filed(now, None, assessment, ("counseling",), first=first), locale)
                for first in (True, False)
            ]
    return said


@pytest.mark.parametrize("locale", LOCALES)
def test_answers_by_text_are_short_and_in_the_seven_bit_alphabet(locale: str) -> None:
    for said in answers(locale):
        assert set(said) <= GSM, set(said) - GSM
        assert len(said) <= THREE_PARTS
        assert "911" in said
        assert "988" in said


def test_sentences_of_one_paragraph_do_not_run_together(world: World) -> None:
    client = world.client()
    world.clock.moment = FRIDAY_NIGHT
    views = [client.get("/"), client.get("/check"), send(client, "Please help my friend, he has a knife.")]
    views += [come_back(client, "no such words"), come_back(client, words(views[-1]))]
    for view in views:
        shown = re.sub(r"<(style|script)>.*?</\1>", "", view.text, flags=re.DOTALL)
        assert re.findall(r"[a-z)][.:!?][A-Z¿]", shown) == []
