"""Members' keys: one seed each, wrapped under the member's password with Argon2id.

Nothing but the password (or a signed-in session) brings the seed back.
"""

import secrets
import unicodedata
from dataclasses import dataclass, field

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from vault.errors import CannotOpenError, WrongPasswordError
from vault.kem import SEED_BYTES, PrivateKey
from vault.people_tables import Member, StaffSession
from vault.place import HEADER, pack, without_header
from vault.signing import Signer

_SALT_BYTES = 16
_NONCE_BYTES = 12
_WRAP_LABEL = b"tipline/1/member/wrap"
_KEM_LABEL = b"tipline/1/member/kem"
_SIGN_LABEL = b"tipline/1/member/sign"


@dataclass(frozen=True)
class Profile:
    """Argon2id's cost. ``code`` is stored with what was wrapped; ``memory`` in KiB."""

    code: int
    time: int
    memory: int
    lanes: int


# "interactive" is the second recommendation of RFC 9106, section 4. "test" protects nothing.
PROFILES = {"interactive": Profile(1, 3, 64 * 1024, 4), "test": Profile(255, 1, 8, 1)}
_BY_CODE = {profile.code: profile for profile in PROFILES.values()}


@dataclass(frozen=True)
class MemberKeys:
    """What a signed-in member holds: ``kem`` opens team seeds, ``sign`` signs replies and entries."""

    member_id: str
    kem: PrivateKey = field(repr=False)
    sign: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_seed(cls, member_id: str, seed: bytes) -> "MemberKeys":
        """Derive both from the member's seed of 32 bytes."""
        return cls(
            member_id,
            PrivateKey.from_seed(_derive(seed, _KEM_LABEL)),
            Ed25519PrivateKey.from_private_bytes(_derive(seed, _SIGN_LABEL)),
        )

    @property
    def signer(self) -> Signer:
        """This member as the author of replies and directory entries."""
        return Signer(self.member_id, self.sign)


def wrap_seed(seed: bytes, password: str, profile: str = "interactive", owner: str = "") -> bytes:
    """``seed`` under ``password``: header, profile code, salt (16), nonce (12), ciphertext with tag (48).

    ``owner``, a member's id, is bound to it: another account's wrap does not open as one's own.
    """
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    cost = PROFILES[profile]
    key = _stretch(password, salt, cost)
    code = bytes((cost.code,))
    return HEADER + code + salt + nonce + AESGCM(key).encrypt(nonce, seed, _about(code, owner))


def unwrap_seed(wrapped: bytes, password: str, owner: str = "") -> bytes:
    """The seed. Raises WrongPasswordError, or CannotOpenError for bytes that ``wrap_seed`` never made."""
    rest = without_header(wrapped)
    code, salt, nonce, sealed = rest[:1], rest[1:17], rest[17:29], rest[29:]
    cost = _BY_CODE.get(code[0]) if code else None
    if cost is None or len(sealed) != SEED_BYTES + 16:
        raise CannotOpenError("not a wrapped seed")
    key = _stretch(password, salt, cost)
    try:
        return AESGCM(key).decrypt(nonce, sealed, _about(code, owner))
    except InvalidTag as error:
        raise WrongPasswordError("wrong password") from error


def create_member(
    session: Session,
    member_id: str,
    login: str,
    name: str,
    seed: bytes,
    password: str,
    profile: str = "interactive",
) -> Member:
    """Store an account. Who the member is to others, their public keys, goes into the team directory."""
    wrapped = wrap_seed(seed, password, profile, owner=member_id)
    member = Member(id=member_id, login=same_login(login), name=name, wrapped_seed=wrapped)
    session.add(member)
    return member


def find(session: Session, login: str) -> Member | None:
    """The account that signs in with ``login``; None when there is none, or it was switched off."""
    return session.scalar(select(Member).where(Member.login == same_login(login), Member.active))


def unlock(member: Member | None, password: str) -> tuple[Member, bytes]:
    """The member and their seed. Raises WrongPasswordError, after the same work, for nobody (None) too.

    Asks no database: so slow a hash must not hold a transaction open.
    """
    if member is None:
        _waste(password)
        raise WrongPasswordError("wrong password")
    try:
        return member, unwrap_seed(member.wrapped_seed, password, owner=member.id)
    except CannotOpenError as error:
        raise WrongPasswordError("wrong password") from error


def close_account(session: Session, member_id: str) -> None:
    """Nobody signs in with it, from now on and here too."""
    session.execute(update(Member).where(Member.id == member_id).values(active=False))
    session.execute(delete(StaffSession).where(StaffSession.member_id == member_id))


def rewrap(session: Session, member: Member, wrapped: bytes) -> bool:
    """Keep another wrap of the seed. False when the account was changed since ``member`` was read."""
    row = update(Member).where(Member.id == member.id, Member.wrapped_seed == member.wrapped_seed)
    return session.scalar(row.values(wrapped_seed=wrapped).returning(Member.id)) is not None


def _waste(password: str) -> None:
    _stretch(password, bytes(_SALT_BYTES), PROFILES["interactive"])


def same_login(login: str) -> str:
    """``login`` as it is stored: however it was typed."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def _stretch(password: str, salt: bytes, cost: Profile) -> bytes:
    # NFKC: the same password from another keyboard. A lone surrogate (only by hand) counts as "?".
    secret = unicodedata.normalize("NFKC", password).encode(errors="replace")
    return hash_secret_raw(secret, salt, cost.time, cost.memory, cost.lanes, SEED_BYTES, Type.ID)


def _about(code: bytes, owner: str) -> bytes:
    return pack(_WRAP_LABEL, HEADER, code, owner.encode())


def _derive(seed: bytes, label: bytes) -> bytes:
    return HKDF(SHA256(), SEED_BYTES, None, label).derive(seed)
