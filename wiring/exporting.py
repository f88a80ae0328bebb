"""A case as a file for a court or a partner: what one member may read, opened with that member's own keys.

Nobody who runs the host can make one: it takes a member's password, and second factor if they have one.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.turnstile import FORGOTTEN_MS, FREE_NAME, delay
from vault import audit, members, second_factor
from vault.directory import Directory, team_private_keys
from vault.errors import WrongPasswordError
from vault.members import MemberKeys
from vault.people_tables import Member
from vault.tables import AuditEvent, RecipientTeam, Report
from vault.threads import ThreadItem, open_thread
from wiring.errors import WiringError
from wiring.ground import Ground

LONGEST = 200
TRIED, EXPORTED = "export_tried", "case_exported"
# More of them wait no longer.
MOST_TRIES = 20
VERSION = 1


@dataclass(frozen=True)
class Who:
    """A member who signed in at the terminal. ``step``: their code's half minute, None without one."""

    member: Member
    keys: MemberKeys = field(repr=False)
    step: int | None


@dataclass(frozen=True)
class Why:
    """For what it is made, and by which law or order. Both stand in the file, and in the audit for ever."""

    reason: str
    basis: str


def sign_in(ground: Ground, login: str, password: str, code: str) -> Who:
    """Raises WrongPasswordError, whatever was wrong. No transaction is open while the password is hashed.

    Each try is noted before it is judged, and too many are slowed as at the door of casework: WiringError.
    """
    with ground.database.writing() as session:
        now, found = ground.clock.now(session), members.find(session, login)
        directory = ground.directory.current(session)
        wait = _wait(session, now)
        if wait <= 0:
            audit.record(session, now, actor="operator", verb=TRIED, member=found.id if found else "")
    if wait > 0:
        raise WiringError(f"too many wrong tries; wait {-(-wait // 1000)} seconds, nothing was written")
    member, seed = members.unlock(found, password)
    keys = MemberKeys.from_seed(member.id, seed)
    if directory.member_sign_key(member.id) != keys.sign.public_key():
        raise WrongPasswordError("the directory knows no such member")
    return Who(member, keys, _step(member, seed, code, now))


def export(ground: Ground, who: Who, why: Why, reference: str, to: Path) -> str:
    """Write the case; the file's SHA-256 in hexadecimal. What is in the file is noted in the audit before."""
    if not why.reason or not why.basis:
        raise WiringError("a reason and a basis are needed; nothing was written")
    with _new_file(to) as file:
        digest, content = _noted(ground, who, why, reference)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return digest


def _noted(ground: Ground, who: Who, why: Why, reference: str) -> tuple[str, bytes]:
    """The content and its hash, once the audit has it for good."""
    with ground.database.writing() as session:
        now, directory = ground.clock.now(session), ground.directory.current(session)
        if who.step is not None and not second_factor.use(session, who.member.id, who.step):
            raise WrongPasswordError("this code was used before")
        report = _find(session, directory, who, reference)
        keys = team_private_keys(session, ground.install, who.keys, directory)
        items = open_thread(session, ground.install, report.id, keys, directory)
        content = _content(session, report, items, who, why, now)
        digest = hashlib.sha256(content).hexdigest()
        audit.record(
            session,
            now,
            actor=f"member:{who.member.id}",
            verb=EXPORTED,
            pseudonym=report.pseudonym,
            reason=why.reason,
            basis=why.basis,
            sha256=digest,
        )
    return digest, content


def _wait(session: Session, now: int) -> int:
    """For how many ms a try must wait: tries of the last minutes since somebody got in count, whoever's."""
    recent = select(AuditEvent.verb, AuditEvent.at).where(AuditEvent.verb.in_((TRIED, EXPORTED)))
    tries: list[int] = []
    for verb, at in session.execute(recent.order_by(AuditEvent.id.desc()).limit(MOST_TRIES)):
        if verb == EXPORTED or at < now - FORGOTTEN_MS:
            break
        tries.append(at)
    return max(tries, default=0) + delay(len(tries) - FREE_NAME) - now if len(tries) >= FREE_NAME else 0


def _step(member: Member, seed: bytes, code: str, now: int) -> int | None:
    if member.sealed_totp is None:
        return None
    secret = second_factor.open_secret(member.sealed_totp, seed, member.id)
    step = second_factor.step_of(secret, code, now)
    if step is None:
        raise WrongPasswordError("wrong code")
    return step


def _find(session: Session, directory: Directory, who: Who, reference: str) -> Report:
    report = session.scalar(select(Report).where(Report.reference == reference.strip().upper()))
    teams = select(RecipientTeam.team_id).where(RecipientTeam.report_id == (report.id if report else ""))
    if report is None or not directory.may_open(who.member.id, session.scalars(teams)):
        raise WiringError("there is no such case for this member; nothing was written")
    return report


def _content(
    session: Session, report: Report, items: Sequence[ThreadItem], who: Who, why: Why, now: int
) -> bytes:
    names = {row.id: row.name for row in session.execute(select(Member.id, Member.name))}
    # What was written to other teams alone is not even counted: that it is there would tell something.
    shown = [item for item in items if item.state != "closed"]
    record = {
        "tipline_export": VERSION,
        "exported_at": _moment(now),
        "exported_by": {"id": who.member.id, "name": who.member.name},
        "reason": why.reason,
        "basis": why.basis,
        "case": {
            "reference": report.reference,
            "school": report.school,
            "channel": report.channel,
            "urgency": report.urgency,
            "status": report.status,
            "arrived": _moment(report.arrived_minute),
        },
        "messages": [_message(number, item, names) for number, item in enumerate(shown, start=1)],
    }
    return (json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode(errors="replace")


def _message(number: int, item: ThreadItem, names: dict[str, str]) -> dict[str, object]:
    return {
        "number": number,
        "author": item.author,
        "member": names.get(item.member_id or "", item.member_id),
        "at": _moment(item.minute) if item.minute else None,
        "state": item.state,
        "text": item.text,
        "facts": dict(item.facts),
        "assessment": item.assessment,
    }


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="minutes")


@contextmanager
def _new_file(to: Path) -> Iterator[BinaryIO]:
    """A file for this user alone, whole and on disk at the end of the block, or not there."""
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise WiringError(f"{to}: cannot be written ({error.strerror}); nothing was noted") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except OSError as error:
        to.unlink(missing_ok=True)
        raise WiringError(f"{to}: cannot be written ({error.strerror}); nothing was kept") from None
    except BaseException:
        to.unlink(missing_ok=True)
        raise
