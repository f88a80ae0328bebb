"""What is said: exact where machines read it, short enough for one text, and translated."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jinja2.ext import babel_extract

import templates
from notify import words
from notify.acknowledge import Result
from notify.webhooks import answer_text, text_xml, voice_answer
from notify.words import Saying
from templates.words import LOCALES, catalogue

FOLDER = Path(templates.__file__).parent / "messages"
OURS = (
    "answer.txt",
    "calendar.txt",
    "card.txt",
    "call.xml",
    "digest.txt",
    "drill.txt",
    "finding.txt",
    "findings.txt",
    "kept.txt",
    "notice.txt",
    "offer.txt",
    "offer_headline.txt",
    "page.txt",
    "pages.txt",
    "reminder.txt",
    "said.xml",
    "shift.txt",
    "spoken.txt",
    "spoken_answer.txt",
    "taken.txt",
    "told.txt",
    "verify.txt",
    "withdrawn.txt",
)  # the folder's other words are the text line's
URGENCIES = (
    ("report", "immediate"),
    ("report", "urgent"),
    ("read_deadline", "urgent"),
    ("drill", "immediate"),
)
# The letters of GSM 03.38 that our languages use; one other letter halves what fits into a text.
GSM = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;!?¿¡()-'\"/éñÑüöäàùìò\n")


def parse(xml: str) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 - we wrote it ourselves


def msgids() -> Iterator[str]:
    for name in OURS:
        with (FOLDER / name).open("rb") as file:
            for _, _, msgid, _ in babel_extract(file, ("_", "gettext"), (), {"trimmed": "true"}):
                assert isinstance(msgid, str)
                yield msgid


def test_every_word_has_a_spanish_one() -> None:
    spanish = catalogue("es")
    missing = [msgid for msgid in msgids() if spanish.gettext(msgid) == msgid]
    assert not missing


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("kind", "urgency"), URGENCIES)
def test_page_is_one_short_text(kind: str, urgency: str, locale: str) -> None:
    saying = Saying(kind, urgency, "K7QM-29TX", code="48213")
    text = words.pages_text([saying], locale)
    assert set(text) <= GSM
    assert len(text) <= 160
    assert "48213" in text
    assert "K7QM-29TX" in text
    assert "\n" not in text


@pytest.mark.parametrize(("locale", "word"), [("en", "DRILL"), ("es", "SIMULACRO")])
def test_a_drill_says_so_first(locale: str, word: str) -> None:
    saying = Saying("drill", "immediate", "K7QM-29TX", code="48213")
    assert words.pages_text([saying], locale).startswith(word)
    spoken = " ".join(parse(words.call_xml("page", saying, locale, "https://x.test/")).itertext()).strip()
    assert word.lower() in spoken.lower()[:25]
    assert not re.search(r"[.:]\w", spoken)  # a voice reads what is run together as one word


@pytest.mark.parametrize(("kind", "urgency"), URGENCIES)
def test_english_says_reply(kind: str, urgency: str) -> None:
    assert "Reply 48213" in words.pages_text([Saying(kind, urgency, "K7QM-29TX", code="48213")], "en")


@pytest.mark.parametrize("locale", LOCALES)
def test_call_spells_the_case_and_asks_for_a_digit(locale: str) -> None:
    xml = words.call_xml(
        "page", Saying("report", "immediate", "K7QM-29TX"), locale, "https://x.test/v?a=1&b=2"
    )
    gather = parse(xml).find("Gather")
    assert gather is not None
    assert gather.get("action") == "https://x.test/v?a=1&b=2"
    assert gather.get("numDigits") == "1"
    say = gather.find("Say")
    assert say is not None
    assert say.get("loop") == "2"
    assert "K 7 Q M, 2 9 T X" in (say.text or "")
    assert say.get("language") == {"en": "en-US", "es": "es-MX"}[locale]


@pytest.mark.parametrize(("locale", "key"), [("en", "pound key"), ("es", "tecla numeral")])
def test_who_has_a_pin_is_asked_for_it(locale: str, key: str) -> None:
    saying = Saying("report", "immediate", "K7QM-29TX", pin=True)
    gather = parse(words.call_xml("page", saying, locale, "https://x.test/")).find("Gather")
    assert gather is not None
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == (None, "#")
    say = gather.find("Say")
    assert say is not None
    assert say.get("loop") == "2"
    assert key in (say.text or "")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("kind", "urgency"), URGENCIES)
def test_a_notice_names_case_and_urgency_and_leads_to_the_staff_site(
    kind: str, urgency: str, locale: str
) -> None:
    title, body = words.notice(
        "page", Saying(kind, urgency, "K7QM-29TX"), locale, "https://s.test/case/K7QM-29TX"
    )
    assert "K7QM-29TX" in title
    assert body.startswith(title)
    assert body.endswith("\nhttps://s.test/case/K7QM-29TX")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "kind",
    [
        *("acknowledged", "one_more", "already", "not_yours", "cannot_open", "which", "unknown_code"),
        *("unknown_phone", "who", "nobody", "passed", "everybody", "declined", "nothing", "help"),
    ],
)
def test_every_result_has_an_answer(kind: str, locale: str) -> None:
    result = Result(kind, "Ana <&>", "K7QM-29TX", locale)
    message = parse(text_xml(answer_text(result), "https://a.test/carrier/status")).find("Message")
    assert message is not None
    assert message.text == answer_text(result) != ""
    assert message.get("statusCallback") == "https://a.test/carrier/status"


def test_nothing_to_say_is_an_empty_answer() -> None:
    assert list(parse(text_xml("", "https://a.test/carrier/status"))) == []


def test_call_goes_on_only_while_a_digit_is_missing() -> None:
    wrong = parse(voice_answer(Result("unknown_code"), "/carrier/voice/1"))
    right = parse(voice_answer(Result("acknowledged", "Ana", "K7QM-29TX"), "/carrier/voice/1"))
    assert wrong.find("Gather") is not None
    assert right.find("Gather") is None
    assert right.find("Hangup") is not None
