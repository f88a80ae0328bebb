"""The receipt: derived, shown and typed again in any way a person may type it."""

from hypothesis import assume, given
from hypothesis import strategies as st

from reporting.receipt import LENGTH, WORDS, Receipt, lookup_id, reporter_keys

receipts = st.builds(
    lambda numbers: Receipt(tuple(numbers)),
    st.lists(st.integers(0, len(WORDS) - 1), min_size=LENGTH, max_size=LENGTH),
)
separators = st.sampled_from([" ", ", ", "-", "  ", "\n", " - ", "_", ". ", "\t"])


@given(receipts, separators, st.sampled_from([str.upper, str.lower, str.title]))
def test_words_are_read_however_they_are_written(receipt: Receipt, between: str, case: type[str]) -> None:
    assert Receipt.read(case(receipt.words.replace(" ", between))) == receipt


@given(receipts, st.sampled_from(["", " ", "-", "."]))
def test_digits_are_read_however_they_are_grouped(receipt: Receipt, between: str) -> None:
    assert Receipt.read(receipt.digits.replace(" ", between)) == receipt


@given(receipts)
def test_digits_of_another_script_are_read(receipt: Receipt) -> None:
    arabic = receipt.digits.translate({ord(str(digit)): chr(0x0660 + digit) for digit in range(10)})
    assert Receipt.read(arabic) == receipt


@given(receipts)
def test_it_survives_its_encoding_and_never_shows_in_a_repr(receipt: Receipt) -> None:
    assert Receipt.decode(receipt.encode()) == receipt
    assert not any(word in repr(receipt) for word in receipt.words.split() if len(word) > 6)


@given(st.text(max_size=200))
def test_any_other_text_is_no_receipt_and_no_error(typed: str) -> None:
    found = Receipt.read(typed)
    assert found is None or len(found.numbers) == LENGTH


@given(receipts, st.integers(0, LENGTH - 1))
def test_five_words_are_no_receipt(receipt: Receipt, gone: int) -> None:
    words = receipt.words.split()
    assume(not any("-" in word for word in words))
    assert Receipt.read(" ".join(words[:gone] + words[gone + 1 :])) is None


def test_four_words_have_a_hyphen_and_are_read_with_and_without_it() -> None:
    hyphenated = [word for word in WORDS if "-" in word]
    assert len(hyphenated) == 4
    typed = " ".join([*hyphenated, "down", "shirt"])
    assert Receipt.read(typed) == Receipt.read(typed.replace("-", " "))
    assert Receipt.read(typed) is not None


def test_a_word_with_an_accent_from_a_helpful_keyboard_is_read() -> None:
    assert Receipt.read("abácus abdomen abide abacus abdomen abide") is not None


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_nonce_gives_one_receipt_per_form_secret(nonce: bytes, other: bytes) -> None:
    assume(nonce != other)
    assert Receipt.from_nonce(b"secret", nonce) == Receipt.from_nonce(b"secret", nonce)
    assert Receipt.from_nonce(b"secret", nonce) != Receipt.from_nonce(b"secret", other)
    assert Receipt.from_nonce(b"secret", nonce) != Receipt.from_nonce(b"another", nonce)


@given(receipts)
def test_lookup_and_keys_need_the_pepper(receipt: Receipt) -> None:
    assert len(lookup_id(b"pepper", receipt)) == 32
    assert lookup_id(b"pepper", receipt) != lookup_id(b"salt", receipt)
    assert reporter_keys(b"pepper", receipt).public == reporter_keys(b"pepper", receipt).public
    assert reporter_keys(b"pepper", receipt).public != reporter_keys(b"salt", receipt).public


def test_the_word_list_is_the_long_one_with_77_bits() -> None:
    assert len(WORDS) == len(set(WORDS)) == 6**5
    assert (len(WORDS) ** LENGTH).bit_length() == 78
