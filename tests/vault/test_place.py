"""Length-prefixed tuples leave no room for two readings."""

import json

from hypothesis import given
from hypothesis import strategies as st

from vault.errors import CannotOpenError
from vault.place import Kind, Place, canonical, pack, unpack

FIELDS = st.lists(st.binary(max_size=40), min_size=1, max_size=6)


@given(FIELDS)
def test_what_was_packed_comes_back(fields: list[bytes]) -> None:
    assert unpack(pack(*fields), len(fields)) == tuple(fields)


@given(FIELDS, FIELDS)
def test_two_lists_never_share_an_encoding(one: list[bytes], other: list[bytes]) -> None:
    assert (pack(*one) == pack(*other)) == (one == other)


@given(st.binary(max_size=60), st.integers(1, 4))
def test_any_other_bytes_are_refused(packed: bytes, count: int) -> None:
    try:
        assert pack(*unpack(packed, count)) == packed
    except CannotOpenError:
        return


def test_every_field_makes_another_place() -> None:
    places = {
        Place(Kind.LINE),
        Place(Kind.TEAM_KEY),
        Place(Kind.LINE, install="a"),
        Place(Kind.LINE, school="a"),
        Place(Kind.LINE, report="a"),
        Place(Kind.LINE, message="a"),
        Place(Kind.LINE, recipient="a"),
        Place(Kind.LINE, author="a"),
        Place(Kind.LINE, seq=1),
        Place(Kind.LINE, prev=b"a" * 32),
    }
    assert len({place.encode() for place in places}) == len(places) == 10


def test_a_name_does_not_run_into_its_neighbour() -> None:
    assert (
        Place(Kind.LINE, install="ab", school="c").encode()
        != Place(Kind.LINE, install="a", school="bc").encode()
    )


@given(st.text(st.characters(), max_size=30))
def test_canonical_json_refuses_no_text(text: str) -> None:
    """Lone surrogates included: what a browser sends broken is stored, never refused."""
    whole = json.loads(canonical({"text": text}))["text"]
    assert len(whole) <= len(text)
    assert whole == text or any("\ud800" <= letter <= "\udfff" for letter in text)


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert json.loads(canonical({"text": "a\ud83d b"}))["text"] == "a\ufffd b"


def test_canonical_json_is_spelled_as_the_protocol_says() -> None:
    record = {"é": 1, "b": '"\\\n\x01\x7f', "a": ["¿"]}
    assert canonical(record) == '{"a":["¿"],"b":"\\"\\\\\\n\\u0001\x7f","é":1}'.encode()
