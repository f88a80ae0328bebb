"""Why a message was given its band."""

from casework.why import explain, highest
from tests.casework.world import scored, signal
from triage import Signal

TEXT = "I am not going to hurt myself but I wish I was dead"


def test_signals_are_numbered_as_they_stand_in_the_text() -> None:
    found = scored(
        signals=(
            signal(TEXT, "wish I was dead", "wishes to be dead"),
            signal(TEXT, "hurt myself", "self-injury", "negated"),
        )
    )
    _, why = explain(TEXT, found.to_json())
    assert why is not None
    assert [(mark.number, mark.quote, mark.modifiers) for mark in why.marks] == [
        (1, "hurt myself", ("negated",)),
        (2, "wish I was dead", ()),
    ]


def test_the_reason_is_the_gloss_of_the_kind_that_gave_the_band() -> None:
    found = scored(signals=(signal(TEXT, "wish I was dead", "wishes to be dead"),), why="wish_dead (past)")
    _, why = explain(TEXT, found.to_json())
    assert why is not None
    assert why.reason == "wishes to be dead (past)"


def test_a_composition_without_gloss_is_read_as_words() -> None:
    _, why = explain(TEXT, scored(why="intent_with_time", raise_by=("means_at_hand",)).to_json())
    assert why is not None
    assert (why.reason, why.raise_by) == ("intent with time", ("means at hand",))


def test_a_span_outside_the_text_marks_what_it_can() -> None:
    found = scored(signals=(Signal("x", "r", 48, 900, (), "gloss"),))
    pieces, why = explain(TEXT, found.to_json())
    assert why is not None
    assert why.marks[0].quote == "ead"
    assert "".join(piece.text for piece in pieces) == TEXT


def test_an_assessment_of_another_shape_leaves_the_text_readable() -> None:
    pieces, why = explain(TEXT, {"urgency": "purple"})
    assert why is None
    assert [piece.text for piece in pieces] == [TEXT]


def test_the_sealed_band_counts_when_the_clear_one_was_lowered() -> None:
    _, why = explain(TEXT, scored("immediate").to_json())
    assert highest("routine", [why, None]) == "immediate"
    assert highest("urgent", [None]) == "urgent"


def test_what_two_patterns_of_one_kind_found_in_one_place_is_one_signal() -> None:
    long, short = signal(TEXT, "I wish I was dead", "wish"), signal(TEXT, "wish I was dead", "wish")
    _, why = explain(TEXT, scored(signals=(short, long, signal(TEXT, "was dead", "wish", "past"))).to_json())
    assert why is not None
    assert [(mark.quote, mark.modifiers) for mark in why.marks] == [
        ("I wish I was dead", ()),
        ("was dead", ("past",)),
    ]
