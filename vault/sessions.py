"""Signed-in browsers. The member's seed is stored only wrapped under a secret that the cookie alone holds.

A stolen database signs nobody in and opens nothing.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete
from sqlalchemy.orm import Session

from vault.errors import CannotOpenError
from vault.members import MemberKeys
from vault.people_tables import Member, StaffSession
from vault.place import HEADER, pack, without_header

SECRET_BYTES = 32
SEEN_EVERY_MS = 60_000
_NONCE = bytes(12)  # each key wraps one seed, once
_ID_LABEL = b"tipline/1/session/id"
_KEY_LABEL = b"tipline/1/session/key"


def start(session: Session, now: int, member_id: str, seed: bytes) -> str:
    """Begin a session; the cookie's value (43 characters). ``now`` in ms."""
    secret = secrets.token_bytes(SECRET_BYTES)
    session_id = _id(secret)
    wrapped = HEADER + _cipher(secret).encrypt(_NONCE, seed, _about(session_id, member_id))
    session.add(
        StaffSession(id=session_id, member_id=member_id, wrapped_seed=wrapped, created_at=now, seen_at=now)
    )
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def resume(
    session: Session, now: int, cookie: str, idle_ms: int, absolute_ms: int
) -> tuple[str, MemberKeys] | None:
    """The member and their keys, or None: unknown, ended, expired, altered, or no longer active.

    Notes once a minute that the session was seen, if ``session`` is a writing one.
    """
    secret = _secret(cookie)
    row = session.get(StaffSession, _id(secret)) if secret else None
    if row is None or now - row.seen_at > idle_ms or now - row.created_at > absolute_ms:
        return None
    member = session.get(Member, row.member_id)
    seed = _seed(secret, row)
    if member is None or not member.active or seed is None:
        return None
    if now - row.seen_at >= SEEN_EVERY_MS:
        row.seen_at = now
    return row.member_id, MemberKeys.from_seed(row.member_id, seed)


def end(session: Session, cookie: str) -> None:
    """Sign out this browser; unknown cookies are no error."""
    session.execute(delete(StaffSession).where(StaffSession.id == _id(_secret(cookie))))


def end_all(session: Session, member_id: str) -> None:
    """Sign out every browser of a member."""
    session.execute(delete(StaffSession).where(StaffSession.member_id == member_id))


def end_expired(session: Session, now: int, idle_ms: int, absolute_ms: int) -> None:
    """Remove what can no longer be resumed."""
    late = (StaffSession.seen_at < now - idle_ms) | (StaffSession.created_at < now - absolute_ms)
    session.execute(delete(StaffSession).where(late))


def _secret(cookie: str) -> bytes:
    """The cookie's 32 bytes; nothing for anything else."""
    try:
        secret = base64.b64decode(cookie + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return secret if len(secret) == SECRET_BYTES else b""


def _seed(secret: bytes, row: StaffSession) -> bytes | None:
    try:
        about = _about(row.id, row.member_id)
        return _cipher(secret).decrypt(_NONCE, without_header(row.wrapped_seed), about)
    except (InvalidTag, CannotOpenError):
        return None


def _id(secret: bytes) -> str:
    return HKDF(SHA256(), SECRET_BYTES, None, _ID_LABEL).derive(secret).hex()


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), SECRET_BYTES, None, _KEY_LABEL).derive(secret))


def _about(session_id: str, member_id: str) -> bytes:
    return pack(HEADER, session_id.encode(), member_id.encode())
