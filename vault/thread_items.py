"""The places of a thread as they are read: opened, or shown as missing, forged or closed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.envelope import previous
from vault.errors import CannotOpenError
from vault.kem import PrivateKey
from vault.message import OpenedMessage, SealedMessage, message_hash, open_message
from vault.place import NOTHING_BEFORE
from vault.signing import is_signed
from vault.thread_rows import StoredMessage

# Whoever writes to the database can number a message as they like: a gap must not fill the memory.
_MOST_MISSING = 100
State = Literal["opened", "missing", "forged", "closed"]


class SignKeys(Protocol):
    """What a thread asks of the team directory: every key of a member who ever served ``school``."""

    def reply_keys(self, member_id: str, school: str) -> tuple[Ed25519PublicKey, ...]: ...


@dataclass(frozen=True)
class ThreadItem:
    """One place of a thread.

    ``opened``: read, and signed by its member if a member wrote it. ``missing``: a message was taken from
    before or here. ``forged``: altered, moved, or wrongly signed. ``closed``: not sealed to these openers.
    ``assessment_missing``: the text is whole, but the assessment stored with it was taken away or exchanged.
    """

    seq: int
    author: str
    minute: int
    state: State
    text: str = field(default="", repr=False)
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)
    assessment: Mapping[str, object] | None = field(default=None, repr=False)
    member_id: str | None = None
    message_id: str = ""
    assessment_missing: bool = False
    sealed_to: Mapping[str, str] = field(default_factory=dict, repr=False)


def walk(
    stored: list[StoredMessage],
    openers: Mapping[str, PrivateKey],
    directory: SignKeys,
    *,
    assessed: bool = True,
) -> Iterator[ThreadItem]:
    """Every place of a thread in order; what is missing before or between is an item of its own."""
    expected, last = 0, None
    for sealed, minute in stored:
        seq = sealed.head.seq
        yield from (_missing(gap) for gap in range(expected, min(seq, expected + _MOST_MISSING)))
        if 0 < seq == expected and _names_another(sealed, last):
            yield _missing(seq - 1)
        yield _item(sealed, minute, openers, directory, assessed=assessed)
        expected, last = seq + 1, sealed


def _names_another(sealed: SealedMessage, last: SealedMessage | None) -> bool:
    """Whether a message says that it followed another one than the one stored before it."""
    try:
        return previous(sealed.body) != (message_hash(last) if last else NOTHING_BEFORE)
    except CannotOpenError:
        return False  # the item itself will be shown as forged


def _missing(seq: int) -> ThreadItem:
    return ThreadItem(seq, "", 0, "missing")


def _item(
    sealed: SealedMessage,
    minute: int,
    openers: Mapping[str, PrivateKey],
    directory: SignKeys,
    *,
    assessed: bool,
) -> ThreadItem:
    seq, author = sealed.head.seq, sealed.author
    if not sealed.wraps:
        return ThreadItem(seq, author, minute, "closed", message_id=sealed.message_id)
    try:
        opened = open_message(sealed, openers, assessed=assessed)
    except CannotOpenError:
        return ThreadItem(seq, author, minute, "forged", message_id=sealed.message_id)
    if not _rightly_signed(opened, sealed, directory):
        return ThreadItem(seq, author, minute, "forged", message_id=sealed.message_id)
    return ThreadItem(
        seq=seq,
        author=author,
        minute=minute,
        state="opened",
        text=opened.text,
        facts=opened.facts,
        assessment=opened.assessment,
        member_id=opened.member_id,
        message_id=sealed.message_id,
        assessment_missing=opened.assessment_missing,
        sealed_to=opened.sealed_to,
    )


def _rightly_signed(opened: OpenedMessage, sealed: SealedMessage, directory: SignKeys) -> bool:
    if sealed.author != "member":
        return opened.member_id is None and not opened.signature
    keys = directory.reply_keys(opened.member_id or "", sealed.head.school)
    return any(is_signed(key, opened.signature, *opened.signed) for key in keys)
