"""Eight more languages: their crisis cores on their own cases, who reads what, and texts without rules."""

import csv
from pathlib import Path

import pytest

from triage import Urgency, assess
from triage.cases import Case, read_cases
from triage.cores import core_rules
from triage.language import CORES

CASES = Path(__file__).parent / "cases"
# Written to try the first rules, then mended against: explicit, oblique, and harmless look-alikes.
MORE = Path(__file__).parent / "languages.csv"
RECALL_MORE = 0.9
# Cases written beside the rules: a floor against regressions, not a figure of how well unseen texts fare.
RECALL, RECALL_IMMEDIATE, CATEGORY, LANGUAGE = 0.95, 0.93, 0.9, 0.9


def cases(language: str) -> list[Case]:
    return read_cases(CASES / f"lang_{language}.csv")


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


@pytest.mark.parametrize("language", CORES)
def test_danger_in_the_language_is_found(language: str) -> None:
    danger = [case for case in cases(language) if case.urgency.rank <= Urgency.URGENT.rank]
    assert share([assess(case.text).urgency.rank <= Urgency.URGENT.rank for case in danger]) >= RECALL
    immediate = [case for case in danger if case.urgency is Urgency.IMMEDIATE]
    assert share([assess(case.text).urgency is Urgency.IMMEDIATE for case in immediate]) >= RECALL_IMMEDIATE


@pytest.mark.parametrize("language", CORES)
def test_ordinary_sentences_and_hyperbole_stay_calm(language: str) -> None:
    calm = [case for case in cases(language) if case.urgency is Urgency.ROUTINE]
    assert len(calm) >= 10
    assert [case.id for case in calm if assess(case.text).urgency is not Urgency.ROUTINE] == []


@pytest.mark.parametrize("language", CORES)
def test_danger_is_named_and_its_language_known(language: str) -> None:
    found = [(case, assess(case.text)) for case in cases(language)]
    dangers = [pair for pair in found if pair[0].urgency is not Urgency.ROUTINE]
    assert share([given.categories[0] == case.category for case, given in dangers]) >= CATEGORY
    assert share([given.language == language for _, given in found]) >= LANGUAGE
    assert all(given.scored for _, given in found)


@pytest.mark.parametrize("language", CORES)
def test_every_signal_has_an_english_gloss_and_a_place_in_the_text(language: str) -> None:
    for case in cases(language):
        for signal in assess(case.text).signals:
            assert signal.gloss
            assert signal.gloss.isascii()
            assert 0 <= signal.start < signal.end <= len(case.text)


@pytest.mark.parametrize("language", CORES)
def test_each_language_has_cases_of_every_family(language: str) -> None:
    with (CASES / f"lang_{language}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 40
    needed = {
        "suicide_self_harm",
        "threat_violence",
        "weapon",
        "abuse",
        "sexual_violence",
        "drugs",
        "bullying",
    }
    assert needed <= {row["category"] for row in rows}
    assert {row["lang"] for row in rows} == {language}


@pytest.mark.parametrize("language", CORES)
def test_fresh_messages_with_and_without_danger_are_told_apart(language: str) -> None:
    with MORE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["lang"] == language]
    alarmed = {row["text"]: assess(row["text"]).urgency.rank <= Urgency.URGENT.rank for row in rows}
    assert [row["text"] for row in rows if row["meant"] == "calm" and alarmed[row["text"]]] == []
    assert share([alarmed[row["text"]] for row in rows if row["meant"] == "danger"]) >= RECALL_MORE


@pytest.mark.parametrize("language", CORES)
def test_loud_typing_changes_nothing(language: str) -> None:
    for case in cases(language):
        assert assess(case.text.upper()).urgency.rank <= assess(case.text).urgency.rank


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich will nicht mehr leben, bitte hilf mir", "de"),
        ("chcę się zabić, nie mogę już", "pl"),
        ("Nataka kufa, sina mtu wa kuniambia", "sw"),
        ("살고 싶지 않아요 도와주세요", "ko"),
        ("मुझे मदद चाहिए", "hi"),
        ("voglio morire, non ce la faccio più", "it"),
        ("waxaan rabaa inaan dhinto", "so"),
        ("допоможіть, я боюся йти додому", "uk"),
        ("میخواهم بمیرم کمک کنید", "und"),
        ("もう生きていたくない", "und"),
        ("ik wil niet meer leven", "nl"),
        ("saya ingin mati", "id"),
    ],
)
def test_real_text_without_rules_is_unscored_and_urgent(text: str, language: str) -> None:
    found = assess(text)
    assert (found.scored, found.urgency, found.language) == (False, Urgency.URGENT, language)
    assert found.wakes


@pytest.mark.parametrize("text", ["Harbor View: Phoenix Edition", "certified plumbing apprentice glazier"])
def test_a_few_unknown_plain_words_prove_no_foreign_language(text: str) -> None:
    found = assess(text)
    assert (found.scored, found.urgency, found.wakes) == (False, Urgency.PROMPT, False)


@pytest.mark.parametrize(
    ("text", "language"),
    [("ty", "en"), ("\u00bfVa a haber kerm\u00e9s este a\u00f1o?", "es"), ("hoy no hay clases", "es")],
)
def test_nor_does_one_short_word_or_a_plain_question(text: str, language: str) -> None:
    found = assess(text)
    assert (found.scored, found.urgency, found.language) == (True, Urgency.ROUTINE, language)


def test_many_unknown_words_or_foreign_letters_do() -> None:
    for text in ("main marna chahta hoon aaj raat ghar par", "æblegrød rødgrød blåbær tærte"):
        assert (assess(text).why, assess(text).urgency) == ("unknown_language", Urgency.URGENT)


@pytest.mark.parametrize("text", ["asdfgh jklqwe", "sdkjfhskdjf", "https://example.org/abc", "12345", "????"])
def test_gibberish_and_bare_links_are_unscored_and_prompt(text: str) -> None:
    found = assess(text)
    assert (found.scored, found.urgency) == (False, Urgency.PROMPT)


@pytest.mark.parametrize(
    "text",
    [
        "hola eu quero morrer",
        "gusto ko na mamatay i can't do this anymore",
        "pls help 我想死",
        "i dont know who to tell. хочу умереть",
        "my cousin said mwen vle mouri",
        "hace dos meses intente matarme",
        "sum1 has a g1ock in pe r00m",
        "Bus aide here. Same kindergartner, new bruises on his back every Monday.",
    ],
)
def test_danger_in_a_mixed_text_is_found(text: str) -> None:
    assert assess(text).urgency.rank <= Urgency.URGENT.rank


@pytest.mark.parametrize(
    ("with_marks", "without"),
    [
        ("em muốn chết", "em muon chet"),
        ("أُرِيدُ أَنْ أَمُوتَ", "اريد ان اموت"),
        ("боюсь идти домой, папа меня бьёт", "боюсь идти домой, папа меня бьет"),
        ("我想自殺", "我想自杀"),
        ("não quero mais viver", "nao quero mais viver"),
        ("mwen pè ale lakay mwen", "mwen pe ale lakay mwen"),
    ],
)
def test_marks_and_scripts_of_one_language_read_the_same(with_marks: str, without: str) -> None:
    assert assess(with_marks).urgency == assess(without).urgency
    assert assess(with_marks).urgency.rank <= Urgency.URGENT.rank


@pytest.mark.parametrize(
    "text", ["từ từ thôi nhé, đừng vội", "dạo này bạn có bán sách không", "cậu ấy đang bận"]
)
def test_vietnamese_look_alikes_stay_apart(text: str) -> None:
    found = assess(text)
    assert (found.urgency, found.language) == (Urgency.ROUTINE, "vi")


def test_arabic_prefixes_and_lengthening_do_not_hide_a_word() -> None:
    assert assess("وبدي اموت").urgency is Urgency.URGENT
    assert assess("بدي امـــوت").urgency is Urgency.URGENT
    assert assess("عنده سكين بالمدرسة").urgency is Urgency.IMMEDIATE


def test_chinese_matches_without_spaces_in_a_longer_text() -> None:
    text = "老师你好最近我一直很难过晚上睡不着我真的不想活了"
    found = assess(text)
    assert found.urgency is Urgency.URGENT
    assert any("不想活" in text[signal.start : signal.end] for signal in found.signals)


def test_a_core_is_compiled_once_and_has_its_own_hash() -> None:
    hashes = {core_rules(language).hash for language in CORES}
    assert len(hashes) == len(CORES)
    assert core_rules("pt") is core_rules("pt")


@pytest.mark.parametrize("language", CORES)
def test_every_rule_file_says_that_no_native_speaker_reviewed_it(language: str) -> None:
    folder = Path(__file__).parents[2] / "triage" / "rules" / language
    files = sorted(folder.glob("*.toml"))
    assert files
    assert all("Not reviewed by a native speaker" in file.read_text(encoding="utf-8") for file in files)


def test_spanish_taken_for_a_neighbour_is_heard_by_the_spanish_rules_too() -> None:
    found = assess("van a matar a carlos jaja")
    assert found.language == "pt"
    assert found.urgency is Urgency.PROMPT
