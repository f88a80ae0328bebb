"""Properties that must hold for any text: no exception, no lowering by noise, case or order, bounded time."""

import csv
import itertools
import json
import os
import random
import re
import subprocess
import sys
import time
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import Urgency, assess, default_rules
from triage.compiling import with_local

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

INTENTS = [
    "i am going to kill myself",
    "im gonna end my life",
    "i want to die",
    "me voy a matar",
    "me quiero morir",
    "im going to shoot up the school",
    "voy a matar a todos en la escuela",
]
IMMEDIATE = [
    "im going to kill myself tonight",
    "i took a whole bottle of pills",
    "he has a gun in his backpack at school",
    "there is a bomb in the gym",
    "me voy a matar esta noche",
    "trae una pistola en la mochila",
    "she is passed out in the bathroom and wont wake up",
]
# What folding drops, widens or shortens, and what repair joins.
ODD = [
    "\u200b",
    "\ufb03",
    "\u0130",
    "e\u0301",
    "\ud83d",
    "\0",
    "\U0001d4f4\U0001d4f2\U0001d4f5\U0001d4f5",
    "\uff4b\uff49\uff4c\uff4c",
    "k i l l",
    "\U0001f62d\u200d\u2642\ufe0f",
    "\u6b7b",
    "\u202e",
]
# Texts in which two compositions give the same band.
DRAWS = [
    "je vais me tuer ce soir",
    "eu vou me matar hoje, quero morrer",
    "i will kill him tonight. i will shoot up the school tomorrow",
]
# The words that most patterns begin at.
WORDS = default_rules().lexicon.words
BUSY = sorted(WORDS, key=lambda word: -len(WORDS[word].first))[:80]
NOISE = [
    "",
    "ok.",
    "hello, this is about period three.",
    "el lunes tenemos partido.",
    "the bus was late. ",
    "thanks.",
]


ROWS = [
    row
    for path in (*sorted((HERE / "cases").glob("round*.csv")), HERE / "explicit.csv")
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
]
CASES = [row["text"] for row in ROWS]
DANGERS = [row["text"] for row in ROWS if row["urgency"] in {"immediate", "urgent"}]
SPELLED = re.compile(r"(?:\b\w\s+){3}")


@cache
def rank(text: str) -> int:
    """Read once, however many ask: most cases are their own text without accents."""
    return assess(text).urgency.rank


@pytest.fixture(scope="module")
def emergencies() -> list[str]:
    """The dangers that come out as IMMEDIATE: hundreds, in English, Spanish and both."""
    found = [text for text in DANGERS if rank(text) == 0]
    assert len(found) > 400
    return found


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_no_text_raises(text: str) -> None:
    assert assess(text).urgency in Urgency


@settings(max_examples=100, deadline=None)
@given(st.lists(st.characters(codec=None, categories=None), max_size=200).map("".join))
def test_lone_surrogates_and_controls_do_not_raise(text: str) -> None:
    _signals_lie_within(text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*IMMEDIATE, *INTENTS, *ODD]) | st.text(max_size=6), max_size=6).map(" ".join)
)
def test_signals_lie_within_the_text_as_it_was_typed(text: str) -> None:
    _signals_lie_within(text)


def _signals_lie_within(text: str) -> None:
    places = [(signal.start, signal.end) for signal in assess(text).signals]
    assert all(0 <= start < end <= len(text) for start, end in places)


@pytest.mark.parametrize("plane", range(17))
def test_every_unicode_block_is_read(plane: int) -> None:
    for start in range(plane << 16, (plane + 1) << 16, 256):
        _signals_lie_within("i want to die " + "".join(map(chr, range(start, start + 256, 9))))


def test_the_place_of_a_signal_survives_what_folding_changes() -> None:
    for odd in ODD:
        text = f"{odd} ok {odd} i want to die {odd}"
        spans = [text[signal.start : signal.end] for signal in assess(text).signals]
        assert "want to die" in spans, odd


@pytest.mark.parametrize("tonight", ["tonight", "esta noche"])
@pytest.mark.parametrize("intent", INTENTS)
def test_tonight_never_lowers_an_intent(intent: str, tonight: str) -> None:
    for text in (
        f"{intent} {tonight}",
        f"{tonight} {intent}",
        f"{tonight}. {intent}",
        f"{intent}, {tonight}",
    ):
        assert rank(text) <= rank(intent), text


def test_tonight_lowers_no_emergency(emergencies: list[str]) -> None:
    assert [text for text in emergencies if rank(f"{text} tonight")] == []


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(IMMEDIATE), st.sampled_from(NOISE), st.sampled_from(NOISE))
def test_noise_never_lowers_an_immediate(text: str, before: str, after: str) -> None:
    assert assess(f"{before} {text}. {after}").urgency is Urgency.IMMEDIATE


def test_noise_lowers_no_emergency(emergencies: list[str]) -> None:
    for noise in ("hello, this is about period three.", "the bus was late.", "gracias, adios profe."):
        assert [text for text in emergencies if rank(f"{noise} {text}") or rank(f"{text}. {noise}")] == []


@given(st.sampled_from(IMMEDIATE + INTENTS))
def test_case_accents_and_spacing_do_not_change_the_band(text: str) -> None:
    for other in (text.upper(), text.title(), _bare(text), text.replace(" ", "  "), f"  {text}\n"):
        assert rank(other) == rank(text)


def test_case_accents_and_spacing_change_no_case() -> None:
    for text in CASES:
        spaced = text if SPELLED.search(text) else f"  {text.replace(' ', '   ')}\n"
        assert {rank(text.upper()), rank(_bare(text)), rank(spaced)} == {rank(text)}, text


def _bare(text: str) -> str:
    """The text without accents."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


@given(st.sampled_from(IMMEDIATE), st.sampled_from(NOISE[1:]))
def test_the_order_of_two_sentences_does_not_matter(text: str, noise: str) -> None:
    assert assess(f"{text}. {noise}").urgency is assess(f"{noise} {text}.").urgency


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(IMMEDIATE + INTENTS, 2)))
def test_the_order_of_two_dangers_does_not_matter(one: str, other: str) -> None:
    assert rank(f"{one}. {other}.") == rank(f"{other}. {one}.") <= min(rank(one), rank(other))


def test_an_answer_does_not_hang_on_the_order_of_hashes() -> None:
    script = (
        "import json, sys; from triage import assess\n"
        "print(json.dumps([assess(text).to_json() for text in json.load(sys.stdin)]))"
    )
    texts = json.dumps(random.Random(5).sample(CASES, 300) + DRAWS)  # noqa: S311  # a fixed choice
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            input=texts,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "kill " * 20_000,
        "i want to " * 10_000,
        "(" * 100_000,
        "k i l l " * 12_500,
        "💊" * 50_000,
        "not never no " * 8_000,
        "'" * 100_000,
        "a'" * 50_000,
        "死" * 100_000,
        "a" * 1_000_000,
        "\ud800" * 100_000,
        "\0" * 100_000,
        "e\u0301" * 50_000,
        "( " * 50_000,
        "i. " * 33_000,
    ],
    ids=[
        "letter",
        "word",
        "phrase",
        "sign",
        "spelled",
        "emoji",
        "negations",
        "quotes",
        "quoted",
        "han",
        "megabyte",
        "surrogate",
        "nul",
        "marks",
        "pauses",
        "sentences",
    ],
)
def test_hostile_texts_are_read_in_bounded_time(text: str) -> None:
    assess("")
    began = time.process_time()
    assess(text)
    assert time.process_time() - began < 1.5


def test_a_long_text_of_risk_words_is_read_in_bounded_time() -> None:
    chance = random.Random(7)  # noqa: S311  # a fixed text, no secret
    words = [
        "kill",
        "gun",
        "school",
        "tonight",
        "myself",
        "want",
        "die",
        "pills",
        "my",
        "dad",
        "hit",
        "not",
        "to",
    ]
    text = " ".join(chance.choices(words, k=20_000))
    began = time.process_time()
    assess(text)
    assert time.process_time() - began < 3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(BUSY) | st.sampled_from(ODD), min_size=1, max_size=8))
def test_no_repetition_of_the_busiest_words_is_slow(words: list[str]) -> None:
    text = (" ".join(words) + " ") * (20_000 // len(words))
    assert _seconds(text[:20_000]) < 0.6


def test_wide_gaps_add_up_and_never_multiply(tmp_path: Path) -> None:
    rules = with_local([_written(tmp_path, "zebra ~12 lamp ~12 lamp ~12 lamp ~12 lamp ~12 lamp ~12 rug")])
    text = ("zebra " + "lamp " * 80) * 20 + "rug"
    assert assess("zebra lamp lamp lamp lamp lamp rug", rules=rules).kinds == ("intent",)
    began = time.process_time()
    assess(text, rules=rules)
    assert time.process_time() - began < 1


def _written(folder: Path, pattern: str) -> Path:
    path = folder / "local.toml"
    path.write_text(f'[[rule]]\nid = "gaps"\nkind = "intent"\npatterns = "*{pattern}"\n', encoding="utf-8")
    return path


def test_a_hundred_thousand_characters_take_a_quarter_of_a_second() -> None:
    body = " ".join([*NOISE, *INTENTS, *IMMEDIATE, "my friend said that nobody did the worksheet"])
    assert min(_seconds((body * 300)[:100_000]) for _ in range(5)) < 0.25


def _seconds(text: str) -> float:
    assess("warm up")
    began = time.process_time()
    assess(text)
    return time.process_time() - began


def test_time_grows_with_length_and_not_faster() -> None:
    body = "my friend said she wants to disappear and nobody would care, " * 2_000
    short, long = (min(_seconds(body[:length]) for _ in range(3)) for length in (10_000, 100_000))
    assert long < 30 * short + 0.2
