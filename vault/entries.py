"""The lines of the team directory: canonical JSON, numbered, chained by hash, signed.

What they say is here; who may say it is in ``vault.rules``.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vault.errors import DirectoryError
from vault.place import canonical, pack

_ENTRY_LABEL = b"tipline/1/directory-entry"
_APPROVAL_LABEL = b"tipline/1/directory-approval"
_ROOT_LABEL = b"tipline/1/directory-root"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
RESERVED = frozenset({"root", "recovery", "receipt"})


@dataclass(frozen=True)
class RootEntry:
    """Entry 0: the install, the recovery key that every team seed is sealed to, the key that signs next."""

    install: str
    recovery_public: bytes
    root_sign_public: bytes


@dataclass(frozen=True)
class MemberEntry:
    """A member's public keys. Alone it gives access to nothing."""

    member: str
    sign_public: bytes
    kem_public: bytes


@dataclass(frozen=True)
class RetireEntry:
    """A member leaves every team at once."""

    member: str


@dataclass(frozen=True)
class TeamEntry:
    """A generation of a team: the key to seal to from now on, and who was given its seed."""

    team: str
    school: str
    role: str
    generation: int
    public: bytes
    members: tuple[str, ...]


@dataclass(frozen=True)
class RoutingEntry:
    """Which teams of a school read what. ``default`` reads what no other route names."""

    school: str
    routes: Mapping[str, tuple[str, ...]]


Entry = RootEntry | MemberEntry | RetireEntry | TeamEntry | RoutingEntry
_KIND_OF: dict[type[Entry], str] = {
    RootEntry: "root",
    MemberEntry: "member",
    RetireEntry: "retire",
    TeamEntry: "team",
    RoutingEntry: "routing",
}


@dataclass(frozen=True)
class Approval:
    """A second member's yes to an entry at its place in the chain."""

    member: str
    signature: bytes


def encode(entry: Entry, approval: Approval | None = None) -> bytes:
    """Canonical JSON: ``kind``, the entry's fields (bytes in Base64) and, if there is one, ``approval``."""
    record: dict[str, object] = {"kind": _KIND_OF[type(entry)]}
    record.update({name: _plain(value) for name, value in vars(entry).items()})
    if approval is not None:
        record["approval"] = {"member": approval.member, "signature": _plain(approval.signature)}
    return canonical(record)


def decode(payload: bytes) -> tuple[Entry, Approval | None]:
    """What ``encode`` wrote. Raises DirectoryError for anything else."""
    try:
        record = json.loads(payload)
        approval = _approval(record.pop("approval", None))
        entry = _entry(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DirectoryError("an entry is malformed") from error
    if encode(entry, approval) != payload:
        raise DirectoryError("an entry is not in canonical form")
    return entry, approval


def hash_of(payload: bytes) -> bytes:
    """What the next entry names as the one before it."""
    return hashlib.sha256(payload).digest()


def fingerprint_of(root_payload: bytes) -> str:
    """64 hexadecimal digits: what every process pins in its configuration."""
    return hashlib.sha256(pack(_ROOT_LABEL, root_payload)).hexdigest()


def signed_fields(install: str, seq: int, prev: bytes, signer: str, payload: bytes) -> tuple[bytes, ...]:
    """What the signer of an entry signs."""
    return _ENTRY_LABEL, install.encode(), seq.to_bytes(8, "big"), prev, signer.encode(), payload


def approved_fields(install: str, seq: int, prev: bytes, entry: Entry) -> tuple[bytes, ...]:
    """What a second member signs: the entry without any approval, at its place."""
    return _APPROVAL_LABEL, install.encode(), seq.to_bytes(8, "big"), prev, encode(entry)


def _entry(record: dict[str, Any]) -> Entry:
    kind = record.pop("kind")
    if kind == "root":
        return RootEntry(
            _text(record["install"]), _raw(record["recovery_public"]), _raw(record["root_sign_public"])
        )
    if kind == "member":
        return MemberEntry(_name(record["member"]), _raw(record["sign_public"]), _raw(record["kem_public"]))
    if kind == "retire":
        return RetireEntry(_name(record["member"]))
    if kind == "team":
        return _team(record)
    if kind == "routing":
        routes = {_text(route): _names(teams) for route, teams in record["routes"].items()}
        return RoutingEntry(_text(record["school"]), routes)
    raise DirectoryError("an entry is of an unknown kind")


def _team(record: dict[str, Any]) -> TeamEntry:
    generation = record["generation"]
    if type(generation) is not int or generation < 1:
        raise DirectoryError("a generation is counted from 1")
    return TeamEntry(
        team=_name(record["team"]),
        school=_text(record["school"]),
        role=_text(record["role"]),
        generation=generation,
        public=_raw(record["public"]),
        members=_names(record["members"]),
    )


def _approval(record: dict[str, Any] | None) -> Approval | None:
    return None if record is None else Approval(_name(record["member"]), _raw(record["signature"]))


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return {key: list(listed) for key, listed in value.items()}
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise DirectoryError("an entry lacks a text")
    return value


def _name(value: object) -> str:
    """An id of a member or team: it becomes part of recipient names, and must not pass for another."""
    text = _text(value)
    if not _NAME.fullmatch(text) or text in RESERVED:
        raise DirectoryError("an id has 1 to 64 letters, digits, '-' or '_', and is no reserved word")
    return text


def _names(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not values or len(set(values)) != len(values):
        raise DirectoryError("an entry lacks a list of different ids")
    return tuple(_name(value) for value in values)


def _raw(value: object) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except binascii.Error as error:
        raise DirectoryError("an entry has broken Base64") from error
