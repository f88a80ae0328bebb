"""A reporter's own text, cut where signals begin and end, so that a template can mark it safely.

The text is never edited or joined with markup here: pieces go to the template, which escapes each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text covered by the same signals; ``ends`` are the signals whose last piece this is."""

    text: str
    signals: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """``text`` in order, whole, cut at every edge of ``spans`` (code points, end exclusive).

    Signals are numbered from 1 in the order given. Spans may overlap or nest; one that does not fit the
    text is cut to it, an empty one marks nothing.
    """
    inside = [(max(0, start), min(end, len(text))) for start, end in spans]
    edges = sorted({0, len(text), *(edge for span in inside if span[0] < span[1] for edge in span)})
    return tuple(_piece(text, inside, left, right) for left, right in pairwise(edges))


def _piece(text: str, spans: Sequence[tuple[int, int]], left: int, right: int) -> Piece:
    covering = [
        number for number, (start, end) in enumerate(spans, start=1) if start <= left and right <= end
    ]
    ends = tuple(number for number in covering if spans[number - 1][1] == right)
    return Piece(text[left:right], tuple(covering), ends)
