"""A second reader of sealed objects, written from docs/protocol.md alone, on primitive libraries only.

It shares no line with ``vault``. Whatever it cannot open is ``None``.
"""

import hashlib
import hmac
import json
import unicodedata
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

XWING_LABEL = bytes.fromhex("5c2e2f2f5e5c")
HPKE_SUITE = b"HPKE" + bytes.fromhex("647a00010002")
HEADER = b"\x01\x01"


def fields(*parts: bytes) -> bytes:
    out = b""
    for part in parts:
        out += len(part).to_bytes(4, "big") + part
    return out


def split(packed: bytes) -> list[bytes]:
    found = []
    while packed:
        size = int.from_bytes(packed[:4], "big")
        found.append(packed[4 : 4 + size])
        packed = packed[4 + size :]
    return found


def place(kind: str, **at: Any) -> bytes:  # noqa: ANN401 - texts, one number, one hash
    texts = [at.get(name, "") for name in ("install", "school", "report", "message", "recipient", "author")]
    return fields(
        b"tipline",
        b"\x01",
        b"\x01",
        kind.encode(),
        *[text.encode() for text in texts],
        at.get("seq", 0).to_bytes(8, "big"),
        at.get("prev", bytes(32)),
    )


def hkdf(ikm: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    prk = hmac.digest(salt or bytes(32), ikm, "sha256")
    return _expand(prk, info, length)


def public_of(seed: bytes) -> bytes:
    lattice, curve = _xwing(seed)
    return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def hpke_open(sealed: bytes, seed: bytes, info: bytes) -> bytes | None:
    """Header, ML-KEM ciphertext (1,088), X25519 share (32), ciphertext with tag."""
    if sealed[:2] != HEADER or len(sealed) < 2 + 1120 + 16:
        return None
    body = sealed[2:]
    lattice, curve = _xwing(seed)
    share = body[1088:1120]
    shared_lattice = lattice.decapsulate(body[:1088])
    try:
        shared_curve = curve.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        return None
    own = curve.public_key().public_bytes_raw()
    shared = hashlib.sha3_256(shared_lattice + shared_curve + share + own + XWING_LABEL).digest()
    key, nonce = _hpke_schedule(shared, info)
    return _gcm(key, nonce, body[1120:], b"")


def open_text(key: bytes, sealed: bytes, at: bytes) -> bytes | None:
    """Header, prev (32), salt (32), commitment (32), ciphertext with tag."""
    if sealed[:2] != HEADER:
        return None
    salt, commitment, ciphertext = sealed[34:66], sealed[66:98], sealed[98:]
    made = hkdf(key, salt, fields(b"tipline/1/envelope", at), 76)
    if made[44:] != commitment:
        return None
    padded = _gcm(made[:32], made[32:44], ciphertext, at)
    return None if padded is None else padded[4 : 4 + int.from_bytes(padded[:4], "big")]


def open_message(row: dict[str, Any], wrap: bytes, recipient: str, seed: bytes) -> dict[str, Any] | None:
    """``row``: install, school, report, message, author, seq, sealed_body, sealed_assessment."""
    at = {name: row[name] for name in ("install", "school", "report", "message", "author", "seq")}
    at["prev"] = row["sealed_body"][2:34]
    key = hpke_open(wrap, seed, place("message-key", recipient=recipient, **at))
    if key is None:
        return None
    body = open_text(key, row["sealed_body"], place("message-body", **at))
    if body is None:
        return None
    payload, signature = split(body)
    opened: dict[str, Any] = json.loads(payload)
    opened["signature"] = signature
    opened["signed"] = fields(b"tipline/1/message-signature", place("message-body", **at), payload)
    if row["sealed_assessment"]:
        assessment = open_text(key, row["sealed_assessment"], place("assessment", **at))
        opened["opened_assessment"] = None if assessment is None else json.loads(assessment)
    return opened


def message_hash(row: dict[str, Any]) -> bytes:
    names = [row[name].encode() for name in ("install", "school", "report", "message", "author")]
    stored = row["seq"].to_bytes(8, "big"), row["sealed_body"], row["sealed_assessment"] or b""
    return hashlib.sha256(fields(b"tipline/1/message-hash", *names, *stored)).digest()


def open_line(sealed: bytes, seed: bytes, purpose: str) -> bytes | None:
    if sealed[:2] != HEADER or sealed[2:10] != hashlib.sha256(public_of(seed)).digest()[:8]:
        return None
    padded = hpke_open(sealed[10:], seed, place("line", recipient=f"line:{purpose}"))
    return None if padded is None else padded[4 : 4 + int.from_bytes(padded[:4], "big")]


def open_team_seed(sealed: bytes, seed: bytes, holder: str, team: dict[str, Any]) -> bytes | None:
    """``holder``: ``member:<id>`` or ``recovery``; ``team``: install, school, id, generation."""
    name = f"team:{team['id']}:{team['generation']}"
    at = place(
        "team-key",
        install=team["install"],
        school=team["school"],
        message=name,
        recipient=holder,
        seq=team["generation"],
    )
    return hpke_open(sealed, seed, at)


def derived(seed: bytes, label: str) -> bytes:
    """A 32-byte key of a member, recovery or session secret."""
    return hkdf(seed, b"", label.encode(), 32)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _xwing(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def _hpke_schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """RFC 9180, section 5.1, mode base."""
    psk_hash = _labeled_extract(b"", b"psk_id_hash", b"")
    info_hash = _labeled_extract(b"", b"info_hash", info)
    secret = _labeled_extract(shared, b"secret", b"")
    context = b"\x00" + psk_hash + info_hash
    return _labeled_expand(secret, b"key", context, 32), _labeled_expand(secret, b"base_nonce", context, 12)


def _labeled_extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + HPKE_SUITE + label + ikm, "sha256")


def _labeled_expand(prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return _expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + HPKE_SUITE + label + info, length)


def _expand(prk: bytes, info: bytes, length: int) -> bytes:
    out, block, count = b"", b"", 0
    while len(out) < length:
        count += 1
        block = hmac.digest(prk, block + info + bytes((count,)), "sha256")
        out += block
    return out[:length]


def _gcm(key: bytes, nonce: bytes, ciphertext: bytes, about: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, about)
    except InvalidTag:
        return None


def open_backup(sealed: bytes, kem_seed: bytes) -> bytes | None:
    """Everything inside a backup."""
    size = int.from_bytes(sealed[:4], "big")
    opening, rest = sealed[4 : 4 + size], sealed[4 + size :]
    magic, version, suite, install, name, _expires, sealed_key = split(opening)
    if (magic, version, suite) != (b"tipline-backup", b"\x01", b"\x01"):
        return None
    at = place("backup", install=install.decode(), message=name.decode(), recipient="recovery")
    key = hpke_open(sealed_key, kem_seed, at)
    if key is None:
        return None
    about = fields(b"tipline/1/backup-stream", hashlib.sha256(sealed[: 4 + size]).digest())
    made = hkdf(key, b"", about, 32)
    pieces = [rest[start : start + 65_552] for start in range(0, len(rest), 65_552)]
    out = b""
    for number, piece in enumerate(pieces):
        last = b"\x01" if number == len(pieces) - 1 else b"\x00"
        opened = _gcm(made, number.to_bytes(11, "big") + last, piece, b"")
        if opened is None:
            return None
        out += opened
    return out


def audit_link(install: str, seq: int, before: bytes, event: dict[str, Any]) -> bytes:
    minute = event["at"] // 60_000
    words = [event[name].encode() for name in ("actor", "verb", "pseudonym", "facts")]
    numbers = seq.to_bytes(8, "big"), before, minute.to_bytes(8, "big", signed=True)
    return hashlib.sha256(fields(b"tipline/1/audit-link", install.encode(), *numbers, *words)).digest()


def receipt_seed(receipt: bytes, pepper: bytes) -> bytes:
    """``receipt``: six word numbers of two bytes each."""
    return hkdf(receipt, pepper, b"tipline receipt reporter key", 32)


def open_member_seed(wrapped: bytes, password: str, member: str) -> bytes | None:
    """Header, profile (1), salt (16), nonce (12), ciphertext with tag."""
    if wrapped[:2] != HEADER:
        return None
    time, memory, lanes = {b"\x01": (3, 65_536, 4), b"\xff": (1, 8, 1)}[wrapped[2:3]]
    typed = unicodedata.normalize("NFKC", password).encode()
    argon = Argon2id(salt=wrapped[3:19], length=32, iterations=time, lanes=lanes, memory_cost=memory)
    key = argon.derive(typed)
    about = fields(b"tipline/1/member/wrap", HEADER, wrapped[2:3], member.encode())
    return _gcm(key, wrapped[19:31], wrapped[31:], about)


def open_session(wrapped: bytes, secret: bytes, row: str, member: str) -> bytes | None:
    about = fields(HEADER, row.encode(), member.encode())
    return _gcm(derived(secret, "tipline/1/session/key"), bytes(12), wrapped[2:], about)


def open_second_factor(sealed: bytes, key: bytes, member: str) -> bytes | None:
    """``key``: derived from the member seed."""
    about = fields(b"tipline/1/member/totp", HEADER, member.encode())
    return _gcm(key, sealed[2:14], sealed[14:], about)


def open_hints(sealed: bytes, hour_key: bytes, number_key: str, hour: int) -> bytes | None:
    return _gcm(hour_key, sealed[:12], sealed[12:], f"tipline text context {number_key} {hour}".encode())
