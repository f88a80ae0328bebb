"""Words: what stands between two spaces is cut as the text as a whole would be, and keeps its place."""

from hypothesis import given, settings
from hypothesis import strategies as st

from triage import default_rules
from triage.fold import fold
from triage.repair import Repair
from triage.words import Words, is_piece, split

KNOWN = sorted(word for word in default_rules().known if word.isascii())[::40]
SIGNS = [*".,!?-/:;\"'*@$|_(`", "...", "?!", ",,", "\n", "\t", " ", "  ", "\U0001f62d", "\u6b7b", "\u00e9"]
texts = st.lists(st.sampled_from(KNOWN) | st.sampled_from(SIGNS) | st.text(max_size=3), max_size=14).map(
    "".join
)


def pieces(words: Words) -> list[str]:
    """All pieces of a text in order, those without a meaning of their own as well."""
    cuts = [words.cuts.get(at, ((chunk,), ()))[0] for at, chunk in enumerate(words.chunks)]
    return [piece for cut in cuts for piece in cut if piece]


def nothing(word: str) -> None:
    del word


@settings(max_examples=400, deadline=None)
@given(texts)
def test_known_words_are_cut_no_differently_from_unknown_ones(text: str) -> None:
    folded, rules = fold(text).text, default_rules()
    quick, slow = split(folded, rules.known, rules.repair), split(folded, {}, nothing)
    assert pieces(quick) == pieces(slow)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_every_token_has_a_place_and_no_letter_lies_between_the_pieces(text: str) -> None:
    folded, rules = fold(text).text, default_rules()
    words = split(folded, rules.known, rules.repair)
    spans = words.spans((at, at + 1) for at in range(len(words.tokens)))
    assert all(start < end for start, end in spans)
    assert spans == sorted(spans)
    at = 0
    for piece in pieces(words):
        start = folded.index(piece, at)
        assert not any(map(str.isalpha, folded[at:start]))
        at = start + len(piece)
    assert not any(map(str.isalpha, folded[at:]))


def test_what_a_text_is_never_cut_into_is_no_known_word() -> None:
    assert [word for word in default_rules().known if not is_piece(word)] == []
    assert not is_piece("t-shirt")
    assert not is_piece("two words")


def slips(word: str) -> list[str]:
    """`word` with one letter left out, too many, another or swapped with the next, the first one kept."""
    places = range(1, len(word))
    return [
        *(word[:at] + word[at + 1 :] for at in places),
        *(word[:at] + "x" + word[at:] for at in (*places, len(word))),
        *(word[:at] + "x" + word[at + 1 :] for at in places),
        *(word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]),
    ]


def test_one_slip_anywhere_leads_back_to_a_word_of_danger() -> None:
    for word in ("bridge", "hanging", "overdose", "suicidarme"):
        repair = Repair.over({word: word}, [word], [])
        assert {repair(typed) for typed in slips(word)} == {word}
        assert repair("lunch") is None
