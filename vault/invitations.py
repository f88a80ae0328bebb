"""Invitations: a code, told in person, with which somebody makes keys of their own.

Whoever hands out codes (the operator) learns no key; the team decides whom it lets in.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from mnemonic import Mnemonic
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from vault import kem
from vault.members import MemberKeys, same_login, wrap_seed
from vault.people_tables import Invitation, Member
from vault.place import pack
from vault.sessions import end_all

CODE_WORDS = 6
DAY_MS = 24 * 3_600_000
VALID_MS = 3 * DAY_MS
# Once keys were made, the team has so long to let them in.
WAITING_MS = 30 * DAY_MS
_LABEL = b"tipline/1/invitation"
# In place of a wrapped seed: a member who goes on with the keys and the account they have.
_UNCHANGED = b""


@dataclass(frozen=True)
class Invited:
    """Who is meant, and which teams may let them in."""

    member_id: str
    login: str
    name: str
    teams: Sequence[str]


def invite(session: Session, now: int, who: Invited) -> str:
    """Replace any earlier invitation of this person; the code (six words, 66 bits), which is not stored."""
    code = "-".join(secrets.choice(Mnemonic("english").wordlist) for _ in range(CODE_WORDS))
    stale = or_(Invitation.member_id == who.member_id, Invitation.expires_at < now)
    session.execute(delete(Invitation).where(stale))
    session.add(
        Invitation(
            id=id_of(code),
            member_id=who.member_id,
            login=same_login(who.login),
            name=who.name,
            teams=json.dumps(sorted(who.teams)),
            created_at=now,
            expires_at=now + VALID_MS,
        )
    )
    return code


def offer(session: Session, now: int, who: Invited, publics: tuple[bytes, bytes]) -> None:
    """Let teams take in somebody who is a member already: with the keys (signing, sealing) they have."""
    invite(session, now, who)
    row = session.scalars(select(Invitation).where(Invitation.member_id == who.member_id)).one()
    row.sign_public, row.kem_public = publics
    row.wrapped_seed, row.expires_at = _UNCHANGED, now + WAITING_MS


def find(session: Session, now: int, code: str) -> Invitation | None:
    """The unused invitation that ``code`` stands for, however it was typed."""
    row = session.get(Invitation, id_of("-".join(code.lower().replace("-", " ").split())))
    return row if row is not None and row.expires_at >= now and row.wrapped_seed is None else None


@dataclass(frozen=True)
class MadeKeys:
    """A newcomer's public keys and their seed under their password."""

    sign_public: bytes
    kem_public: bytes
    wrapped_seed: bytes


def make_keys(member_id: str, password: str, profile: str = "interactive") -> MadeKeys:
    """Fresh ones. Slow, as every password hash: not inside a transaction."""
    seed = kem.new_seed()
    keys = MemberKeys.from_seed(member_id, seed)
    return MadeKeys(
        keys.sign.public_key().public_bytes_raw(),
        keys.kem.public.encode(),
        wrap_seed(seed, password, profile, owner=member_id),
    )


def accept(session: Session, now: int, code: str, made: MadeKeys) -> bool:
    """Keep the newcomer's keys until the team lets them in. False: the code was used or ran out meanwhile."""
    row = find(session, now, code)
    if row is None:
        return False
    row.sign_public, row.kem_public, row.wrapped_seed = made.sign_public, made.kem_public, made.wrapped_seed
    row.expires_at = now + WAITING_MS
    return True


def waiting(session: Session, now: int, teams: frozenset[str]) -> list[Invitation]:
    """Those who made their keys and wait for one of ``teams``."""
    made = select(Invitation).where(Invitation.wrapped_seed.is_not(None), Invitation.expires_at >= now)
    found = session.scalars(made.order_by(Invitation.login))
    return [row for row in found if not teams.isdisjoint(json.loads(row.teams))]


def open_account(session: Session, row: Invitation) -> None:
    """The newcomer may sign in with their own password; what they had before (keys they lost) is gone."""
    if not row.wrapped_seed:
        return
    member = session.get(Member, row.member_id)
    if member is None:
        member = Member(id=row.member_id, login=row.login, name=row.name)
        session.add(member)
    member.wrapped_seed = row.wrapped_seed
    member.active, member.sealed_totp, member.totp_step = True, None, None
    end_all(session, row.member_id)


def leave_team(session: Session, row: Invitation, team: str) -> None:
    """``team`` let them in: they wait for the others only."""
    rest = [one for one in json.loads(row.teams) if one != team]
    if rest:
        row.teams = json.dumps(rest)
    else:
        session.delete(row)


def id_of(code: str) -> str:
    """What is stored of a code: 64 hexadecimal digits."""
    return hashlib.sha256(pack(_LABEL, code.encode(errors="replace"))).hexdigest()
