"""Properties that must hold for any text: no exception, no lowering by noise, case or order, bounded time."""

import random
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import Urgency, assess

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
NOISE = [
    "",
    "ok.",
    "hello, this is about period three.",
    "el lunes tenemos partido.",
    "the bus was late. ",
    "thanks.",
]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_no_text_raises(text: str) -> None:
    assert assess(text).urgency in Urgency


@settings(max_examples=100, deadline=None)
@given(st.lists(st.characters(codec=None, categories=None), max_size=200).map("".join))
def test_lone_surrogates_and_controls_do_not_raise(text: str) -> None:
    found = assess(text)
    assert all(0 <= signal.start < signal.end <= len(text) for signal in found.signals)


@given(st.sampled_from(INTENTS))
def test_tonight_never_lowers_an_intent(text: str) -> None:
    assert assess(f"{text} tonight").urgency.rank <= assess(text).urgency.rank


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(IMMEDIATE), st.sampled_from(NOISE), st.sampled_from(NOISE))
def test_noise_never_lowers_an_immediate(text: str, before: str, after: str) -> None:
    assert assess(f"{before} {text}. {after}").urgency is Urgency.IMMEDIATE


@given(st.sampled_from(IMMEDIATE + INTENTS))
def test_case_accents_and_spacing_do_not_change_the_band(text: str) -> None:
    band = assess(text).urgency
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    for other in (text.upper(), text.title(), bare, text.replace(" ", "  "), f"  {text}\n"):
        assert assess(other).urgency is band


@given(st.sampled_from(IMMEDIATE), st.sampled_from(NOISE[1:]))
def test_the_order_of_two_sentences_does_not_matter(text: str, noise: str) -> None:
    assert assess(f"{text}. {noise}").urgency is assess(f"{noise} {text}.").urgency


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
    ],
    ids=["letter", "word", "phrase", "sign", "spelled", "emoji", "negations", "quotes", "quoted", "han"],
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


def test_time_grows_with_length_and_not_faster() -> None:
    def seconds(length: int) -> float:
        body = ("my friend said she wants to disappear and nobody would care, " * (length // 60))[:length]
        began = time.process_time()
        assess(body)
        return time.process_time() - began

    assess("warm up")
    short, long = min(seconds(10_000) for _ in range(3)), min(seconds(100_000) for _ in range(3))
    assert long < 30 * short + 0.2
