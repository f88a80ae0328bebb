"""What somebody typed at the door, judged: password and second factor, slowed when it looks like guessing."""

from dataclasses import dataclass, field

from flask import request
from sqlalchemy.orm import Session

from casework import known_browser
from casework.deps import StaffDeps
from vault import members, second_factor
from vault.errors import CannotOpenError, WrongPasswordError
from vault.people_tables import Member

# What the second factor's step is for somebody who has none.
_NO_STEP = -1


@dataclass(frozen=True)
class Unlocked:
    """Somebody who typed all of it right. ``step``: the code's half minute, still to be spent."""

    member: Member
    seed: bytes = field(repr=False)
    step: int


@dataclass(frozen=True)
class Slowed:
    """Somebody who tried too often: not even looked at."""

    seconds: int


def judge(deps: StaffDeps, login: str, password: str, code: str) -> Unlocked | Slowed:
    """Raises WrongPasswordError, whatever was wrong. No transaction is open while passwords are hashed."""
    with deps.database.reading() as session:
        now, member = deps.clock.now(session), members.find(session, login)
    place = (_source(deps), members.same_login(login), known_browser.name_of(deps, member))
    wait = deps.turnstile.enter(now, *place)
    if wait > 0:
        return Slowed(-(-wait // 1000))
    found, seed = members.unlock(member, password)
    unlocked = Unlocked(found, seed, _step(found, seed, code, now))
    deps.turnstile.passed(*place)
    return unlocked


def confirm(deps: StaffDeps, now: int, member: Member, password: str) -> bytes | None:
    """The seed of somebody signed in who typed their password again; None: wrong, or guessed too often."""
    place = ("", member.login, f"signed in as {member.id}")
    if deps.turnstile.enter(now, *place) > 0:
        return None
    try:
        _, seed = members.unlock(member, password)
    except WrongPasswordError:
        return None
    deps.turnstile.passed(*place)
    return seed


def slowed(deps: StaffDeps, now: int, door: str) -> bool:
    """Whether whoever calls must wait before another try at ``door``; counts the try if not."""
    return deps.turnstile.enter(now, _source(deps), door, "") > 0


def spend(session: Session, unlocked: Unlocked) -> None:
    """Take the account as it is now. Raises WrongPasswordError: it changed, or the code was used before."""
    now = session.get(Member, unlocked.member.id)
    same = now is not None and now.active and now.wrapped_seed == unlocked.member.wrapped_seed
    if not same or (now and now.sealed_totp != unlocked.member.sealed_totp):
        raise WrongPasswordError("the account was changed meanwhile")
    if unlocked.step != _NO_STEP and not second_factor.use(session, unlocked.member.id, unlocked.step):
        raise WrongPasswordError("this code was used before")


def _step(member: Member, seed: bytes, code: str, now: int) -> int:
    if member.sealed_totp is None:
        return _NO_STEP
    try:
        secret = second_factor.open_secret(member.sealed_totp, seed, member.id)
    except CannotOpenError as error:
        raise WrongPasswordError("somebody exchanged the second factor") from error
    step = second_factor.step_of(secret, code, now)
    if step is None:
        raise WrongPasswordError("wrong code")
    return step


def _source(deps: StaffDeps) -> str:
    """Where a try comes from, as the proxy says if the install names its header. It is never stored."""
    header = deps.settings.source_header
    return (request.headers.get(header, "") if header else "") or request.remote_addr or ""
