"""Secret files: private, complete, and each process sees its own."""

from pathlib import Path

import pytest

from wiring.errors import SecretError
from wiring.secrets import Secrets


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path, "public")


def test_what_is_written_is_private_and_read_again(secrets: Secrets) -> None:
    secrets.write("form-key", "ab" * 32)
    assert secrets.key("form-key") == b"\xab" * 32
    assert (secrets.folder / "form-key").stat().st_mode & 0o777 == 0o600
    assert secrets.folder.stat().st_mode & 0o077 == 0


def test_a_second_write_keeps_the_first_value(secrets: Secrets) -> None:
    secrets.write("form-key", "ab" * 32)
    secrets.write("form-key", "cd" * 32)
    assert secrets.key("form-key") == b"\xab" * 32


def test_several_keys_are_read_newest_first(secrets: Secrets) -> None:
    secrets.write("line-private", "ab" * 32 + "\n" + "cd" * 32)
    assert secrets.keys("line-private") == (b"\xab" * 32, b"\xcd" * 32)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o777])
def test_a_secret_that_others_can_touch_is_refused(secrets: Secrets, mode: int) -> None:
    secrets.write("form-key", "ab" * 32)
    path = secrets.folder / "form-key"
    path.chmod(mode)
    with pytest.raises(SecretError, match=f"chmod 600 {path}"):
        secrets.key("form-key")


@pytest.mark.parametrize(
    ("value", "problem"),
    [("", "empty"), ("not hex", "not hexadecimal"), ("abcd", "not 64 hexadecimal")],
)
def test_a_broken_secret_is_refused_without_being_shown(secrets: Secrets, value: str, problem: str) -> None:
    secrets.write("form-key", value)
    with pytest.raises(SecretError, match=problem) as caught:
        secrets.key("form-key")
    assert str(secrets.folder / "form-key") in str(caught.value)
    assert not value or value not in str(caught.value).replace("not hexadecimal", "")


def test_two_tokens_are_good_while_they_rotate(secrets: Secrets) -> None:
    secrets.write("carrier-line-token", "old")
    assert secrets.tokens("carrier-line-token") == ("old",)
    secrets.write("carrier-line-token-secondary", "new")
    assert secrets.tokens("carrier-line-token") == ("old", "new")
    (secrets.folder / "carrier-line-token-secondary").chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        secrets.tokens("carrier-line-token")


def test_a_missing_secret_says_what_to_do(secrets: Secrets) -> None:
    with pytest.raises(SecretError, match="missing; restore it from your backup"):
        secrets.key("form-key")
    with pytest.raises(SecretError, match="write the carrier's token into it"):
        secrets.text("carrier-line-token")
