"""A throw-away install for a simulation: its own database with real tables, directory, members and roster."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify import wall
from notify.duty_tables import Responder
from vault import directory as directories
from vault import kem
from vault.database import Database
from vault.directory import Directory
from vault.ids import new_id
from vault.keyed import LineKey
from vault.members import MemberKeys
from vault.people_tables import Member
from wiring.contacts import add_responder
from wiring.foresight.file import Question
from wiring.founding import found
from wiring.rosters import Rosters

SCHOOL = "school"


@dataclass(frozen=True)
class School:
    """``logins``: by responder id. ``line`` opens the made-up numbers."""

    database: Database
    directory: Directory
    line: LineKey
    logins: dict[str, str]


def build(database: Database, question: Question) -> School:
    """Bring the people and the roster of ``question`` into the empty ``database``."""
    line = LineKey.from_seeds(kem.new_seed())
    now = wall.moment(question.plan.first_day, "00:00", question.plan.zone)
    with database.writing() as session:
        directory = _people(session, now, question, line)
        Rosters(session, now, directory, {SCHOOL: question.plan.zone}).put(question.roster)
        rows = session.execute(
            select(Responder.id, Member.login).join(Member, Member.id == Responder.member_id)
        )
        return School(database, directory, line, {row[0]: row[1] for row in rows})


def _people(session: Session, now: int, question: Question, line: LineKey) -> Directory:
    install, numbers_key = found(session, kem.new_seed()), kem.new_seed()
    signer, directory = install.recovery.signer, install.directory
    ids: dict[str, str] = {}
    for login in sorted({login for logins in question.members.values() for login in logins}):
        ids[login] = new_id()
        keys = MemberKeys.from_seed(ids[login], kem.new_seed())
        session.add(Member(id=ids[login], login=login, name=login, wrapped_seed=b""))
        session.flush()
        directory = directories.add_member(
            session, signer, directory, ids[login], keys.sign.public_key(), keys.kem.public
        )
        number = f"+1555{len(ids):07}"
        add_responder(session, ids[login], login, number, numbers_key, line.public, verified_at=now)
    for team, logins in question.members.items():
        members = [ids[login] for login in logins]
        directory = directories.add_team(session, signer, directory, team, SCHOOL, team, members)
    return directory
