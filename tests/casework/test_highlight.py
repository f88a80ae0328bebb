"""The reporter's text is cut for marking, never changed."""

from hypothesis import given
from hypothesis import strategies as st

from casework.highlight import Piece, pieces

SPANS = st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=8)


@given(st.text(max_size=30), SPANS)
def test_the_pieces_together_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    assert "".join(piece.text for piece in pieces(text, spans)) == text


@given(st.text(min_size=1, max_size=30), SPANS)
def test_every_letter_carries_exactly_the_signals_that_cover_it(
    text: str, spans: list[tuple[int, int]]
) -> None:
    at = 0
    for piece in pieces(text, spans):
        for place in range(at, at + len(piece.text)):
            covering = [n for n, (start, end) in enumerate(spans, start=1) if start <= place < end]
            assert list(piece.signals) == covering
        at += len(piece.text)


def test_overlapping_spans_are_cut_where_they_meet() -> None:
    assert pieces("abcdef", [(1, 4), (3, 5)]) == (
        Piece("a"),
        Piece("bc", (1,)),
        Piece("d", (1, 2), (1,)),
        Piece("e", (2,), (2,)),
        Piece("f"),
    )


def test_a_text_without_signals_is_one_piece() -> None:
    assert pieces("nothing here", ()) == (Piece("nothing here"),)
