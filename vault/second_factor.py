"""A member's second factor: six digits of an app (RFC 6238), each good once.

Its secret is sealed under the member's own seed: only a right password brings it to where a code is checked.
"""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from vault.errors import CannotOpenError
from vault.people_tables import Member
from vault.place import HEADER, pack, without_header

SECRET_BYTES = 20
DIGITS = 6
STEP_MS = 30_000
_NONCE_BYTES = 12
_LABEL = b"tipline/1/member/totp"


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def seal_secret(secret: bytes, seed: bytes, member_id: str) -> bytes:
    """Header, nonce (12), ciphertext with tag (36)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return HEADER + nonce + _cipher(seed).encrypt(nonce, secret, _about(member_id))


def open_secret(sealed: bytes, seed: bytes, member_id: str) -> bytes:
    """The secret again. Raises CannotOpenError for another member's, or an altered one."""
    rest = without_header(sealed)
    try:
        return _cipher(seed).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _about(member_id))
    except (InvalidTag, ValueError) as error:
        raise CannotOpenError("not this member's second factor") from error


def step_of(secret: bytes, code: str, now: int) -> int | None:
    """The half minute whose code this is: the present one or a neighbour, for a phone that runs late.

    ``now`` in ms. Half minutes are counted from 1970.
    """
    typed = "".join(code.split())
    present = now // STEP_MS
    found = [step for step in (present - 1, present, present + 1) if _is_code(secret, step, typed)]
    return found[-1] if found else None


def use(session: Session, member_id: str, step: int) -> bool:
    """Spend a code. False when it, or a later one, was used before: then it signs nobody in."""
    fresh = or_(Member.totp_step.is_(None), Member.totp_step < step)
    row = update(Member).where(Member.id == member_id, fresh).values(totp_step=step)
    return session.scalar(row.returning(Member.id)) is not None


def _is_code(secret: bytes, step: int, typed: str) -> bool:
    # SHA-1: the one that every authenticator knows; HMAC does not rest on its collisions.
    made = HOTP(secret, DIGITS, SHA1()).generate(step)  # noqa: S303 - as the line above says
    return hmac.compare_digest(made, typed.encode(errors="replace"))


def _cipher(seed: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, _LABEL).derive(seed))


def _about(member_id: str) -> bytes:
    return pack(_LABEL, HEADER, member_id.encode())
