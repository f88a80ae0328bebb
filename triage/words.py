"""Words: folded text into the tokens that rules match, each with its place in the folded text.

A token is a known word, an expansion, a boundary ("." or ","), an emoji's name or the word as typed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

Known = Mapping[str, str | tuple[str, ...]]

_EMOJI = "\u2600-\u27bf\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff"
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W_{_HAN}]"


def _pieces(letter: str, other: str) -> re.Pattern[str]:
    word = rf"{letter}+(?:['*@$!|]+{letter}+)*"  # with leet or masked signs inside it
    return re.compile(
        rf"{word}"
        r"|[,\-/()\"]+"  # a pause
        r"|[.!?;:\n]+"  # the end of a sentence
        rf"|\$(?=[a-z]){word}{other}"
    )


_ANY = _pieces(_LETTER, rf"|[{_HAN}{_EMOJI}]")  # and a character that is a word
# The same for folded texts that are ASCII, as most are: sets of a few letters are read twice as fast.
_ASCII = _pieces("[a-z0-9]", "")
_PIECE = re.compile(rf"{_LETTER}+")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .\-_*,]{1,3}[^\W\d_]){2,}(?![^\W_])")
_SPACED_ASCII = re.compile(r"(?<![a-z0-9])[a-z](?:[ .\-_*,]{1,3}[a-z]){2,}(?![a-z0-9])")
_LONE = re.compile(r"[ .\-_*,][a-z][ .\-_*,]{1,3}[a-z](?![a-z0-9])")  # part of every run of them
_SIGNS = re.compile(r"[ .\-_*,]")
LONGEST_SPELLED = 200
LONGEST_WORD = 14
SENTENCE = "."
PAUSE = ","
BOUNDARIES = frozenset({SENTENCE, PAUSE})
# The commonest boundaries, known like words.
SIGNS = dict.fromkeys((*".!?;:\n", "..", "...", "!!", "??"), SENTENCE) | dict.fromkeys(',-/()"', PAUSE)


class Resolver(Protocol):
    """Finds the known word behind one that is not known as typed, or None."""

    def __call__(self, word: str) -> str | tuple[str, ...] | None: ...


class Words(NamedTuple):
    """Tokens of a text; `source[i]` is the number of the piece of `folded` that token i came from."""

    tokens: list[str]
    source: Sequence[int]
    pieces: list[str]
    folded: str

    def spans(self, stop: int) -> list[tuple[int, int]]:
        """The places of the pieces before `stop` in the folded text (found only when something is shown)."""
        find, at = self.folded.find, 0
        out = []
        for piece in self.pieces[:stop]:  # what stands between two pieces begins no piece
            start = find(piece, at)
            at = start + len(piece)
            out.append((start, at))
        return out


def split(folded: str, known: Known, resolve: Resolver) -> Words:
    """Tokens of `folded`; each unknown word goes through `resolve` once."""
    pieces = (_ASCII if folded.isascii() else _ANY).findall(folded)
    found = list(map(known.get, pieces))
    tokens: list[str] = []
    source: list[int] = []
    resolved: dict[str, str | tuple[str, ...]] = {}
    done = 0
    for number, token in enumerate(found):
        if token.__class__ is str:  # a class test narrows too, at half the cost of isinstance
            continue
        value = token
        if value is None:
            piece = pieces[number]
            value = resolved[piece] = resolved.get(piece) or _unknown(piece, known, resolve)
        values = (value,) if isinstance(value, str) else value
        tokens += found[done:number]  # type: ignore[arg-type]  # all of them are strings
        tokens += values
        source += range(done, number)
        source += [number] * len(values)
        done = number + 1
    tokens += found[done:]  # type: ignore[arg-type]  # as above
    source += range(done, len(pieces))
    return Words(tokens, source, pieces, folded)


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
    plain = folded.isascii()
    if plain and _LONE.search(folded) is None:
        return folded
    spaced = _SPACED_ASCII if plain else _SPACED
    if spaced.search(folded) is None:
        return folded
    return spaced.sub(lambda match: _drawn_together(match[0], known), folded)


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
