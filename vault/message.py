"""One message: sealed to its recipients and opened again, without a database.

Body and assessment are sealed under a fresh message key; the key is wrapped to every recipient.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from vault import envelope, kem
from vault.errors import CannotOpenError
from vault.ids import new_id
from vault.kem import PrivateKey, PublicKey
from vault.place import NOTHING_BEFORE, Kind, Place, canonical, pack, unpack
from vault.signing import Signer

Author = Literal["reporter", "member"]
RECEIPT = "receipt"
_SIGNATURE_LABEL = b"tipline/1/message-signature"
_HASH_LABEL = b"tipline/1/message-hash"


@dataclass(frozen=True)
class Recipient:
    """``name`` is ``team:<team id>:<generation>`` or ``receipt``."""

    name: str
    key: PublicKey


@dataclass(frozen=True)
class ThreadHead:
    """Where the next message of a thread goes: ``seq`` counts from 0, ``prev`` is the last one's hash."""

    install: str
    school: str
    report_id: str
    seq: int = 0
    prev: bytes = NOTHING_BEFORE


@dataclass(frozen=True)
class Content:
    """What is sealed. ``facts`` are words beside the text; ``assessment`` is JSON of triage."""

    text: str = field(repr=False)
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)
    assessment: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SealedMessage:
    """A message as it is stored. ``wraps``: recipient name and the message key sealed to it."""

    message_id: str
    head: ThreadHead
    author: str
    body: bytes = field(repr=False)
    assessment: bytes | None = field(repr=False)
    wraps: tuple[tuple[str, bytes], ...] = field(repr=False)


@dataclass(frozen=True)
class OpenedMessage:
    """What a recipient sees; the signature is not judged yet. ``sealed_to``: names and key fingerprints."""

    text: str = field(repr=False)
    facts: Mapping[str, str] = field(repr=False)
    assessment: Mapping[str, object] | None = field(repr=False)
    assessment_missing: bool
    sealed_to: Mapping[str, str]
    member_id: str | None
    signature: bytes = field(repr=False)
    signed: tuple[bytes, ...] = field(repr=False)


def seal_message(
    head: ThreadHead,
    author: Author,
    content: Content,
    recipients: Sequence[Recipient],
    signer: Signer | None = None,
) -> SealedMessage:
    """Seal ``content`` to ``recipients``. A member's message needs its ``signer``, a reporter's has none.

    Raises ValueError when there is no recipient or the signer does not fit the author.
    """
    if not recipients or (author == "member") != (signer is not None):
        raise ValueError("a message needs a recipient, and a signature exactly when a member wrote it")
    key, message_id = envelope.new_message_key(), new_id()
    place = _place(head, message_id, author, head.prev)
    assessment = None
    if content.assessment is not None:
        at = place.beside(Kind.ASSESSMENT)
        assessment = envelope.seal_text(key, at, canonical(content.assessment))
    payload = _payload(content, assessment, recipients, signer)
    signature = signer.sign(*_signed(place, payload)) if signer else b""
    body = envelope.seal_text(key, place, pack(payload, signature))
    wraps = {to.name: kem.seal(key, to.key, _wrap_place(place, to.name).encode()) for to in recipients}
    return SealedMessage(message_id, head, author, body, assessment, tuple(wraps.items()))


def open_message(
    sealed: SealedMessage, openers: Mapping[str, PrivateKey], *, assessed: bool = True
) -> OpenedMessage:
    """Open with whichever opener has a wrap. ``sealed.head.prev`` is not judged: the body names its own.

    ``assessed``: the assessment too. Raises CannotOpenError.
    """
    place = _place(sealed.head, sealed.message_id, sealed.author, envelope.previous(sealed.body))
    key = _message_key(sealed, place, openers)
    payload, signature = unpack(envelope.open_text(key, place, sealed.body), 2)
    record = _record(payload)
    named = _text_or_none(record, "assessment")
    assessment, missing = _assessment(key, place, sealed.assessment, named) if assessed else (None, False)
    return OpenedMessage(
        text=_text_or_none(record, "text") or "",
        facts=_texts(record, "facts"),
        assessment=assessment,
        assessment_missing=missing,
        sealed_to=_texts(record, "sealed_to"),
        member_id=_text_or_none(record, "member"),
        signature=signature,
        signed=_signed(place, payload),
    )


def wrap_for(sealed: SealedMessage, openers: Mapping[str, PrivateKey], to: Recipient) -> bytes:
    """The message's key, for one recipient more. Raises CannotOpenError."""
    place = _place(sealed.head, sealed.message_id, sealed.author, envelope.previous(sealed.body))
    key = _message_key(sealed, place, openers)
    return kem.seal(key, to.key, _wrap_place(place, to.name).encode())


def message_hash(sealed: SealedMessage) -> bytes:
    """SHA-256 over what is stored of a message (without its wraps): the next message's ``prev``."""
    head = sealed.head
    fields = (head.install, head.school, head.report_id, sealed.message_id, sealed.author)
    names = [name.encode() for name in fields]
    bodies = sealed.body, sealed.assessment or b""
    return hashlib.sha256(pack(_HASH_LABEL, *names, head.seq.to_bytes(8, "big"), *bodies)).digest()


def _place(head: ThreadHead, message_id: str, author: str, prev: bytes) -> Place:
    return Place(
        kind=Kind.MESSAGE_BODY,
        install=head.install,
        school=head.school,
        report=head.report_id,
        message=message_id,
        author=author,
        seq=head.seq,
        prev=prev,
    )


def _wrap_place(place: Place, recipient: str) -> Place:
    return place.beside(Kind.MESSAGE_KEY, recipient)


def _payload(
    content: Content, assessment: bytes | None, recipients: Sequence[Recipient], signer: Signer | None
) -> bytes:
    record = {
        "assessment": None if assessment is None else hashlib.sha256(assessment).hexdigest(),
        "facts": dict(content.facts),
        "member": signer.member_id if signer else None,
        "sealed_to": {to.name: to.key.fingerprint for to in recipients},
        "text": content.text,
    }
    return canonical(record)


def _signed(place: Place, payload: bytes) -> tuple[bytes, ...]:
    return _SIGNATURE_LABEL, place.encode(), payload


def _message_key(sealed: SealedMessage, place: Place, openers: Mapping[str, PrivateKey]) -> bytes:
    for name, wrap in sealed.wraps:
        if name in openers:
            # A planted wrap for one of our keys must not keep us from a good one for another.
            with suppress(CannotOpenError):
                key = kem.unseal(wrap, openers[name], _wrap_place(place, name).encode())
                if len(key) == envelope.KEY_BYTES:
                    return key
    raise CannotOpenError("no wrap for any of these keys")


def _assessment(
    key: bytes, place: Place, sealed: bytes | None, expected: str | None
) -> tuple[Mapping[str, object] | None, bool]:
    """The assessment, and whether the one that the body names was taken away or exchanged."""
    found = None if sealed is None else hashlib.sha256(sealed).hexdigest()
    if found != expected or sealed is None:
        return None, found != expected
    return _record(envelope.open_text(key, place.beside(Kind.ASSESSMENT), sealed)), False


def _record(payload: bytes) -> dict[str, object]:
    """Whoever knows a team's public key can seal any bytes to it: nothing here may be trusted to be JSON."""
    try:
        record = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise CannotOpenError("the sealed record is malformed") from error
    if not isinstance(record, dict):
        raise CannotOpenError("the sealed record is malformed")
    return record


def _text_or_none(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value
    raise CannotOpenError("the sealed record is malformed")


def _texts(record: Mapping[str, object], name: str) -> dict[str, str]:
    values = record.get(name)
    if not isinstance(values, dict):
        raise CannotOpenError("the sealed record is malformed")
    texts = {key: value for key, value in values.items() if isinstance(value, str)}
    if len(texts) != len(values):
        raise CannotOpenError("the sealed record is malformed")
    return texts
