"""Words: folded text into the tokens that rules match, each with its place in the folded text.

A token is a known word, an expansion, a boundary ("." or ","), an emoji's name or the word as typed.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
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
_DOTTED = re.compile(r"[^\W_]+(?:\.[^\W_]+){2,}\.*")  # i.want.to.go: no dot ends a sentence but the last
LONGEST_SPELLED = 200
LONGEST_WORD = 14
SENTENCE = "."
PAUSE = ","
BOUNDARIES = frozenset({SENTENCE, PAUSE})
# The commonest boundaries, known like words.
SIGNS = dict.fromkeys((*".!?;:\n", "..", "...", "!!", "??"), SENTENCE) | dict.fromkeys(',-/()"', PAUSE)


Span = tuple[int, int]
# The pieces of a chunk, and what each stands for.
Cut = tuple[Sequence[str], Sequence[str | tuple[str, ...]]]


class Resolver(Protocol):
    """Finds the known word behind one that is not known as typed, or None."""

    def __call__(self, word: str) -> str | tuple[str, ...] | None: ...


class Words(NamedTuple):
    """Tokens of a text; `found[i]` is what chunk i, between two spaces, stands for: one token or several.

    Where it is None, `cuts[i]` has the pieces of the chunk and what each stands for. Between such chunks lie
    runs of chunks that are one token each: `runs` has the first token of each run and `starts` its chunk, and
    in the end the chunk at which one more run would start.
    """

    tokens: list[str]
    chunks: Sequence[str]
    found: Sequence[str | tuple[str, ...] | None]
    cuts: Mapping[int, Cut]
    folded: str
    runs: Sequence[int]
    starts: Sequence[int]

    def spans(self, stretches: Iterable[Span]) -> list[Span]:
        """Where these stretches of tokens stand in the folded text: asked for only to show something."""
        ends, out = list(accumulate(map(len, self.chunks))), []
        for first, last in stretches:
            start, end = self._place(first, ends)
            if last - first > 1:
                _, end = self._place(last - 1, ends)
            out.append((start, end))
        return out

    def _place(self, token: int, ends: Sequence[int]) -> Span:
        """Where one token stands, given where each chunk ends when the spaces before it are not counted."""
        run = bisect_right(self.runs, token) - 1
        at = self.starts[run] + token - self.runs[run]
        after = self.starts[run + 1] - 1
        if at < after:
            end = ends[at] + at
            return end - len(self.chunks[at]), end
        return self._place_within(after, at - after, ends[after] + after)

    def _place_within(self, at: int, index: int, end: int) -> Span:
        """Where the token of this index among those of one chunk stands; `end` is the chunk's."""
        start = end - len(self.chunks[at])
        if self.found[at] is not None:
            return start, end
        for piece, meant in zip(*self.cuts[at], strict=True):
            start = self.folded.find(piece, start)  # what stands between two pieces begins no piece
            end = start + len(piece)
            index -= 1 if meant.__class__ is str else len(meant)
            if index < 0:
                break
            start = end
        return start, end


def split(folded: str, known: Known, resolve: Resolver) -> Words:
    """Tokens of `folded`; each unknown word goes through `resolve` once.

    Between two spaces there is mostly one known word, so only the others are taken to pieces.
    """
    chunks = folded.split(" ")
    found = list(map(known.get, chunks))
    tokens: list[str] = []
    cuts: dict[int, Cut] = {}
    apart: dict[str, Cut] = {}
    resolved: dict[str, str | tuple[str, ...]] = {}
    done, runs, starts = 0, [0], [0]
    # A class test costs half of isinstance.
    for at in [at for at, value in enumerate(found) if value.__class__ is not str]:
        tokens += found[done:at]  # type: ignore[arg-type]  # all of them are strings
        done = at + 1
        value = found[at]
        if value is not None:
            tokens += value
        else:
            chunk = chunks[at]
            cuts[at] = apart.get(chunk) or apart.setdefault(
                chunk, _taken_apart(chunk, known, resolve, resolved)
            )
            for one in cuts[at][1]:
                tokens += (one,) if one.__class__ is str else one
        runs.append(len(tokens))
        starts.append(done)
    tokens += found[done:]  # type: ignore[arg-type]  # as above
    starts.append(len(chunks) + 1)
    return Words(tokens, chunks, found, cuts, folded, runs, starts)


def _taken_apart(
    chunk: str, known: Known, resolve: Resolver, resolved: dict[str, str | tuple[str, ...]]
) -> Cut:
    """The pieces of what stands between two spaces, and what each stands for."""
    sign = SIGNS.get(chunk[-1:])
    if sign is not None:
        word = known.get(chunk[:-1])
        if word is not None and word not in BOUNDARIES:
            return (chunk[:-1], chunk[-1]), (word, sign)
    if chunk.isalnum() and chunk.isascii():
        return (chunk,), (resolved.get(chunk) or resolved.setdefault(chunk, _unknown(chunk, known, resolve)),)
    pieces = (_ASCII if chunk.isascii() else _ANY).findall(chunk)
    meant: list[str | tuple[str, ...]] = []
    for piece in pieces:
        value = known.get(piece)
        if value is None:
            value = resolved[piece] = resolved.get(piece) or _unknown(piece, known, resolve)
        meant.append(value)
    if "." in chunk and _DOTTED.fullmatch(chunk):
        meant[:-1] = [PAUSE if value == SENTENCE else value for value in meant[:-1]]
    return pieces, meant


def is_piece(word: str) -> bool:
    """Whether a word is one piece of a text, so that it can be found as a whole."""
    return (word.isascii() and word.isalnum()) or _ANY.findall(word) == [word]


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
