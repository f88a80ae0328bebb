"""Every word a reporter reads is there in each language offered, and fits into a text where it must."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from jinja2.ext import babel_extract

import triage
from reporting import moments
from reporting.draft import Filed
from reporting.language import choose
from reporting.receipt import Receipt
from reporting.text_answers import TextAnswers
from reporting.views import Step, Views
from templates.languages import OFFERED
from templates.words import ROOT, catalogue
from tests.reporting.browser import come_back, send, words
from tests.reporting.world import FRIDAY_NIGHT, MAPLE, WEDNESDAY, World
from triage import Urgency
from vault.clock import minute_of
from vault.threads import ThreadItem

OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "extensions": "jinja2.ext.i18n"}
# The basic alphabet of GSM 03.38, as far as we use it: one sign outside halves what a text holds.
GSM = set(" !\"#%&'()*+,-./:;<=>?@_¡¿Ññéüàèìòùäö\n0123456789") | set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
# A text in parts: of the basic alphabet, and of any other.
THREE_PARTS, FIVE_PARTS = 3 * 153, 5 * 67
TRANSLATED = sorted(OFFERED.keys() - {"en"})
# What sentences quote of the buttons and links beside them.
QUOTED = {
    "Leave now": "Press “Leave now” at the top",
    "Read the answer": "Open this site again",
    "Send now": "The box is empty",
}
SITE = "https://tips.example.test"


def templates() -> list[Path]:
    said = ("public/*.html", "messages/line_*", "casework/prompts/*.txt")
    return sorted(path for pattern in said for path in ROOT.glob(pattern))


@cache
def said() -> tuple[str, ...]:
    """Every word a reporter reads, as it stands in a template. None has a plural: languages differ."""
    times = (moments.DATE, moments.SHORT_DATE, moments.COMING, moments.PAST)
    found = [word for path in templates() for word in words_of(path)]
    return tuple(dict.fromkeys([*found, *times]))


def words_of(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _, kind, found, _ in babel_extract(file, ("_", "gettext", "ngettext"), [], OPTIONS):
            assert kind != "ngettext"
            yield str(found if isinstance(found, str) else (found or ("",))[0])


def kept(text: str) -> list[str]:
    """What a translation must have as well: values, markup and the numbers to call."""
    return sorted(re.findall(r"%\(\w+\)s|</?\w+>|911|988", text))


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_language_is_offered_only_whole(locale: str) -> None:
    """Nobody meets half a page in English; none of it is a leftover, and none a guess marked "fuzzy"."""
    words = catalogue(locale)
    assert [word for word in said() if word not in words] == []


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_keeps_values_markup_and_the_numbers_to_call(locale: str) -> None:
    words = catalogue(locale)
    assert [word for word in said() if not set(kept(word)) <= set(kept(words.gettext(word)))] == []
    # A value that nobody gives would break the view.
    assert [
        word for word in said() if set(kept(words.gettext(word))) - set(kept(word)) - {"911", "988"}
    ] == []


@pytest.mark.parametrize("locale", TRANSLATED)
def test_what_a_sentence_quotes_is_what_stands_on_the_button(locale: str) -> None:
    words = catalogue(locale)
    for button, sentence in QUOTED.items():
        (found,) = (word for word in said() if word.startswith(sentence))
        assert words.gettext(button).casefold() in words.gettext(found).casefold()


@pytest.mark.parametrize("locale", sorted(OFFERED))
def test_a_language_is_named_in_itself_and_read_in_its_direction(world: World, locale: str) -> None:
    """The choice needs no script and no cookie, and every other language can be read before it is chosen."""
    client = world.client()
    for path in ("/", "/check"):
        view = client.get(f"{path}?lang={locale}").text
        mine = OFFERED[locale]
        assert f'<html lang="{mine.tag}" dir="{mine.direction}">' in view
        shown = re.findall(
            rf'<a href="{path}\?lang=(\w+)" hreflang="\S+" lang="\S+" dir="\w+">(.+?)</a>', view
        )
        assert shown == [(one.code, one.name) for one in OFFERED.values() if one is not mine]
    assert Locale.parse(locale).text_direction == mine.direction
    # A poster's address names the school already.
    named = client.get(f"/?school={MAPLE.id}&lang={locale}").text
    assert named.count(f'<a href="/?school={MAPLE.id}&amp;lang=') == len(OFFERED) - 1


@pytest.mark.parametrize("locale", sorted(OFFERED))
def test_every_view_can_be_rendered_in_every_language(locale: str) -> None:
    """An error after a message was stored would tell its writer that it was not."""
    views = Views({MAPLE.id: replace(MAPLE, withdrawal=True)})
    item = ThreadItem(0, "reporter", minute_of(WEDNESDAY), "opened", "words")
    items = [item, *(replace(item, state=state) for state in ("missing", "forged", "closed"))]
    receipt = Receipt.from_nonce(b"secret", b"nonce")
    for now in (WEDNESDAY, FRIDAY_NIGHT):
        for urgency in (Urgency.IMMEDIATE, Urgency.ROUTINE):
            for roles in (("counseling", "social_work", "liaison", "other"), ("district",)):
                assessment = replace(triage.assess(""), urgency=urgency)
                filed = Filed(now, receipt, assessment, roles, first=True)
                said = views.received(locale, MAPLE, filed, "token", cut=True)
                assert receipt.words in said
                step = Step(filed=filed, cut=True, withdrawn=True)
                assert "words" in views.thread(locale, MAPLE, items, "token", step)
    far = MAPLE.next_open(FRIDAY_NIGHT)
    assert "7:30" in moments.opening(far, far - timedelta(days=8), locale)


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("ar-EG,ar;q=0.9,en;q=0.8", "ar"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("fil-PH", "tl"),
        ("pt-BR", "pt"),
        ("ko,en;q=0.5", "en"),
        ("is", "en"),
        ("", "en"),
    ],
)
def test_a_browser_is_answered_in_its_language(accepted: str, locale: str) -> None:
    assert choose(None, accepted) == locale
    assert choose("no-such", accepted) == locale
    assert choose("ar", accepted) == "ar"


def test_spanish_speaks_to_a_child_as_tu() -> None:
    spoken = " ".join(map(catalogue("es").gettext, said()))
    assert not re.search(r"\b(usted|ustedes|su mensaje|escriba|llame)\b", spoken, re.IGNORECASE)


def answers(locale: str) -> list[str]:
    line = TextAnswers(replace(MAPLE, languages=(locale,)), SITE)
    told = [line.stopped(locale), line.started(locale), line.not_received(locale)]
    for now in (WEDNESDAY, FRIDAY_NIGHT):
        for urgency in (Urgency.IMMEDIATE, Urgency.ROUTINE):
            assessment = replace(triage.assess(""), urgency=urgency, language=locale)
            told += [
                line.filed(Filed(now, None, assessment, ("counseling",), first=first), locale)
                for first in (True, False)
            ]
    return told


@pytest.mark.parametrize("locale", sorted(OFFERED))
def test_answers_by_text_are_short_and_name_who_is_awake(locale: str) -> None:
    """English and Spanish keep to the seven-bit alphabet; another letter more than halves a part."""
    for told in answers(locale):
        if OFFERED[locale].staffed:
            assert set(told) <= GSM, set(told) - GSM
        assert len(told) <= (THREE_PARTS if set(told) <= GSM else FIVE_PARTS)
        assert "911" in told
        assert "988" in told


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("مرحبا", "ar"),
        ("أبي يضربني كل يوم ولا أحد يعرف", "ar"),
        ("سلام کمک می‌خواهم لطفا", "en"),
        ("hello", "en"),
        ("我想死", "zh"),
        ("助けて", "en"),
        ("помогите", "ru"),
        ("Привіт, допоможіть мені", "en"),
        ("eu quero morrer, me ajuda por favor", "pt"),
        ("tôi muốn chết giúp tôi với", "vi"),
    ],
)
def test_a_text_is_answered_in_its_language(text: str, locale: str) -> None:
    filed = Filed(WEDNESDAY, None, triage.assess(text), ("counseling",), first=True)
    assert TextAnswers(MAPLE, SITE).locale_of(filed, text) == locale


def test_sentences_of_one_paragraph_do_not_run_together(world: World) -> None:
    client = world.client()
    world.clock.moment = FRIDAY_NIGHT
    views = [client.get("/"), client.get("/check"), send(client, "Please help my friend, he has a knife.")]
    views += [come_back(client, "no such words"), come_back(client, words(views[-1]))]
    for view in views:
        shown = re.sub(r"<(style|script)>.*?</\1>", "", view.text, flags=re.DOTALL)
        assert re.findall(r"[a-z)][.:!?][A-Z¿]", shown) == []
