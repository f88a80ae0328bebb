"""Words: folded text into the tokens that rules match, each with its place in the folded text.

A token is a known word, an expansion, a boundary ("." or ","), an emoji's name or the word as typed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Known = Mapping[str, str | tuple[str, ...]]

_EMOJI = "\u2600-\u27bf\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff"
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W_{_HAN}]"
PATTERN = re.compile(
    rf"(?:\$(?=[a-z]))?{_LETTER}+(?:['*@$!|]+{_LETTER}+)*"  # a word, leet or masked signs inside it
    r"|[.!?;:\n]+"  # the end of a sentence
    r"|[,\-/()\"]+"  # a pause
    rf"|[{_HAN}{_EMOJI}]"  # a character that is a word
)
_PIECE = re.compile(rf"{_LETTER}+")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .\-_*,]{1,3}[^\W\d_]){2,}(?![^\W_])")
_SIGNS = re.compile(r"[ .\-_*,]")
LONGEST_SPELLED = 200
LONGEST_WORD = 14
SENTENCE = "."
PAUSE = ","


class Resolver(Protocol):
    """Finds the known word behind one that is not known as typed, or None."""

    def __call__(self, word: str) -> str | tuple[str, ...] | None: ...


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens of a text; `source[i]` is the number of the raw piece that token i came from."""

    tokens: list[str]
    source: list[int]
    folded: str

    def spans(self) -> list[tuple[int, int]]:
        """The place of every raw piece in the folded text (found again only when something must be shown)."""
        return list(_raw_spans(self.folded))


def _raw_spans(folded: str) -> Iterator[tuple[int, int]]:
    for match in PATTERN.finditer(folded):
        yield match.span()


def split(folded: str, known: Known, resolve: Resolver) -> Words:
    """Tokens of `folded`; unknown words go through `resolve` once each."""
    tokens: list[str] = []
    source: list[int] = []
    get = known.get
    for number, raw in enumerate(PATTERN.findall(folded)):
        found = get(raw)
        if found is None:
            found = _unknown(raw, known, resolve)
        if found.__class__ is str:
            tokens.append(found)  # a class test narrows too, at half the cost of isinstance
            source.append(number)
        else:
            tokens.extend(found)
            source.extend([number] * len(found))
    return Words(tokens, source, folded)


def _unknown(raw: str, known: Known, resolve: Resolver) -> str | tuple[str, ...]:
    first = raw[0]
    if first in ".!?;:\n":
        return SENTENCE
    if first in ',-/()"':
        return PAUSE
    found = resolve(raw)
    if found is not None:
        return found
    if raw.isalnum():
        return raw
    pieces = _PIECE.findall(raw)
    out: list[str] = []
    for piece in pieces:
        value = known.get(piece) or resolve(piece) or piece
        out.extend((value,) if isinstance(value, str) else value)
    return tuple(out) or raw


def join_spaced(folded: str, known: Known) -> str:
    """The text with runs of single letters ("k i l l") drawn together into words, its length kept."""
    if _SPACED.search(folded) is None:
        return folded
    return _SPACED.sub(lambda match: _drawn_together(match[0], known), folded)


def _drawn_together(text: str, known: Known) -> str:
    letters = _SIGNS.sub("", text)
    words = [letters] if letters in known else segment(letters[:LONGEST_SPELLED], known)
    joined = " ".join(words)
    return joined + " " * (len(text) - len(joined)) if len(joined) <= len(text) else letters.ljust(len(text))


def segment(letters: str, known: Known) -> list[str]:
    """`letters` as the fewest known words (of single letters only "iauyo"), else as one piece."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(letters) + 1):
        found = None
        for start in range(max(0, end - LONGEST_WORD), end):
            before, word = best[start], letters[start:end]
            if before is None or word not in known or (len(word) == 1 and word not in "iauyo"):
                continue
            if found is None or len(before) + 1 < len(found):
                found = [*before, word]
        best.append(found)
    return best[-1] or [letters]
