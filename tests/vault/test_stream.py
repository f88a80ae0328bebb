"""The sealed stream of a backup: whole or not at all, whatever somebody does to the file."""

import io
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault import decoder
from vault import parcels, stream
from vault.errors import BackupError, CannotOpenError
from vault.kem import PrivateKey, new_seed
from vault.stream import PIECE, TAG, Reader, Writer, read_opening

INSTALL = "0" * 32
RECOVERY = PrivateKey.from_seed(b"\x07" * 32)
SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5)


def sealed(content: bytes, expires: int = 5) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, RECOVERY.public, INSTALL, expires)
    for start in range(0, len(content), 1000):
        writer.write(content[start : start + 1000])
    writer.close()
    return file.getvalue()


def opened(whole: bytes, private: PrivateKey = RECOVERY) -> bytes:
    reader, found = Reader(io.BytesIO(whole), private), b""
    while some := reader.read(7000):
        found += some
    return found


CONTENT = secrets.token_bytes(2 * PIECE + 100)
WHOLE = sealed(CONTENT)
BODY = len(WHOLE) - (len(CONTENT) + 3 * TAG)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_here_and_for_the_other_reader(size: int) -> None:
    content = secrets.token_bytes(size)
    whole = sealed(content)
    assert opened(whole) == content
    assert decoder.open_backup(whole, RECOVERY.seed) == content


def test_the_opening_tells_install_and_expiry_and_is_bound_to_the_rest() -> None:
    found = read_opening(io.BytesIO(WHOLE))
    assert (found.install, found.expires) == (INSTALL, 5)
    later = WHOLE.replace((5).to_bytes(8, "big"), (9).to_bytes(8, "big"), 1)
    with pytest.raises(BackupError):
        opened(later)
    with pytest.raises(CannotOpenError):
        opened(WHOLE.replace(INSTALL.encode(), b"1" * 32, 1))


@pytest.mark.parametrize("expires", [stream.LATEST + 1, 2**64 - 1])
def test_an_expiry_that_no_calendar_has_is_refused(expires: int) -> None:
    with pytest.raises(BackupError):
        read_opening(io.BytesIO(sealed(b"", expires)))
    assert read_opening(io.BytesIO(sealed(b"", stream.LATEST))).expires == stream.LATEST


def test_another_key_opens_nothing() -> None:
    with pytest.raises(CannotOpenError):
        opened(WHOLE, PrivateKey.from_seed(new_seed()))


@pytest.mark.parametrize("kept", [0, 3, 4, 100, BODY - 1, BODY, BODY + 1, BODY + PIECE + TAG, len(WHOLE) - 1])
def test_a_cut_off_file_does_not_open(kept: int) -> None:
    with pytest.raises((BackupError, CannotOpenError)):
        opened(WHOLE[:kept] or b"\0")


def test_pieces_cannot_be_moved_repeated_or_left_out() -> None:
    step = PIECE + TAG
    head, one, two, last = (
        WHOLE[:BODY],
        WHOLE[BODY:][:step],
        WHOLE[BODY:][step : 2 * step],
        WHOLE[BODY + 2 * step :],
    )
    assert head + one + two + last == WHOLE
    for other in (two + one + last, one + last, one + one + last, two + last, last, one + two + last + last):
        with pytest.raises(BackupError):
            opened(head + other)


def test_a_piece_of_another_backup_does_not_fit() -> None:
    other = sealed(CONTENT)
    with pytest.raises(BackupError):
        opened(WHOLE[:BODY] + other[BODY:])


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_shows_wherever_it_is(at: int, by: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] ^= by
    with pytest.raises((BackupError, CannotOpenError)):
        opened(bytes(changed))


@given(st.binary(max_size=400))
def test_any_bytes_at_all_give_only_the_documented_errors(junk: bytes) -> None:
    for file in (junk, len(junk).to_bytes(4, "big") + junk, WHOLE[:40] + junk):
        with pytest.raises((BackupError, CannotOpenError)):
            opened(file)


@given(st.binary(max_size=400))
def test_any_content_at_all_is_parcels_or_refused(junk: bytes) -> None:
    try:
        found = list(parcels.unwrap(io.BytesIO(junk)))
    except BackupError:
        return
    lengths = sum(12 + len(name.encode(errors="surrogatepass")) for name, _ in found)
    assert lengths + sum(len(content) for _, content in found) >= len(junk)


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="ascii"), max_size=40), st.binary(max_size=300)), max_size=6
    )
)
def test_parcels_come_out_as_they_went_in(wanted: list[tuple[str, bytes]]) -> None:
    packed = b"".join(parcels.wrap(name, content) for name, content in wanted)
    assert list(parcels.unwrap(io.BytesIO(packed))) == wanted


def test_a_parcel_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    with pytest.raises(BackupError):
        next(parcels.unwrap(io.BytesIO(bytes(4) + (parcels.LARGEST + 1).to_bytes(8, "big"))))


def test_nothing_of_the_content_is_in_the_file() -> None:
    canary = b"the canary sang under the bridge"
    assert canary not in sealed(canary * 10_000)
    assert stream.PIECE == PIECE
