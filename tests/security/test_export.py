"""A case for a court: only by a member who may read it, only with a reason, and never unnoticed."""

import hashlib
import json
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from sqlalchemy import select, text

from tests.security.installs import COUNSELOR, DANGER, Install
from vault import audit, members, second_factor
from vault.people_tables import Member
from vault.tables import AuditEvent, Report

TEACHER = "Mr Hollis from gym keeps texting me at night and wants photos"


@dataclass
class Case:
    install: Install
    reference: str
    to: Path

    def export(
        self, login: str = COUNSELOR, *, password: str = "", code: str = "", why: str = "subpoena 12"
    ) -> Result:
        known = self.install.passwords.get(login, "nobody knows")
        typed = "\n".join([login, password or known, code, why, "state law 7.2", ""])
        return self.install.run("export-case", self.reference.lower(), "--to", str(self.to), typed=typed)

    def events(self, verb: str = "case_exported") -> list[AuditEvent]:
        with self.install.running() as laid, laid.database.reading() as session:
            wanted = select(AuditEvent).where(AuditEvent.verb == verb)
            return list(session.scalars(wanted))


@pytest.fixture
def case(template: Install, tmp_path: Path) -> Case:
    install = template.copied(tmp_path / "var")
    with install.running() as laid:
        install.file(laid, DANGER)
        with laid.database.reading() as session:
            reference = session.scalars(select(Report.reference)).one()
    return Case(install, reference, tmp_path / "case.json")


def test_a_member_exports_what_they_may_read_and_the_audit_has_its_hash(case: Case) -> None:
    done = case.export()
    assert done.exit_code == 0, (done.output, done.exception)
    content = case.to.read_bytes()
    assert stat.S_IMODE(case.to.stat().st_mode) == 0o600
    record = json.loads(content)
    assert [message["text"] for message in record["messages"]] == [DANGER]
    assert (record["reason"], record["basis"]) == ("subpoena 12", "state law 7.2")
    (event,) = case.events()
    assert json.loads(event.facts)["sha256"] == hashlib.sha256(content).hexdigest()
    assert event.actor == f"member:{record['exported_by']['id']}"
    assert hashlib.sha256(content).hexdigest() in done.output
    assert case.install.passwords[COUNSELOR] not in done.output
    assert DANGER not in done.output


def test_no_other_team_and_no_operator_exports_it(case: Case) -> None:
    for refused in (
        case.export("district"),
        case.export(password="wrong"),
        case.export("nobody"),
        case.export(why=" "),
    ):
        assert refused.exit_code != 0
        assert not case.to.exists()
    assert case.events() == []


def test_what_was_told_another_team_alone_is_not_hinted_at(case: Case) -> None:
    with case.install.running() as laid:
        case.install.file(laid, TEACHER)
        with laid.database.reading() as session:
            case.reference = session.scalars(
                select(Report.reference).where(Report.reference != case.reference)
            ).one()
    assert "no such case" in str(case.export().exception)
    assert case.export("district").exit_code == 0
    assert json.loads(case.to.read_bytes())["messages"][0]["text"] == TEACHER


def test_a_file_that_is_there_stays_and_nothing_is_noted(case: Case) -> None:
    case.to.write_text("mine")
    assert "cannot be written" in str(case.export().exception)
    assert case.to.read_text() == "mine"
    assert case.events() == []


def test_a_second_factor_is_asked_for_here_too_and_each_code_is_good_once(case: Case) -> None:
    secret = second_factor.new_secret()
    with case.install.running() as laid, laid.database.writing() as session:
        member, seed = members.unlock(members.find(session, COUNSELOR), case.install.passwords[COUNSELOR])
        session.get_one(Member, member.id).sealed_totp = second_factor.seal_secret(secret, seed, member.id)
        now = laid.clock.now(session)
    assert case.export().exit_code != 0
    code = HOTP(secret, 6, SHA1()).generate(now // 30_000).decode()  # noqa: S303 - as authenticators do
    assert case.export(code=code).exit_code == 0
    case.to.unlink()
    assert "used before" in str(case.export(code=code).exception)
    assert not case.to.exists()


def test_wrong_passwords_are_noted_and_slow_the_next_try(case: Case) -> None:
    assert case.export(password="wrong").exit_code != 0
    assert case.export("nobody").exit_code != 0
    tried = [json.loads(event.facts)["member"] for event in case.events("export_tried")]
    assert [bool(member) for member in tried] == [True, False]
    note(case, *["export_tried"] * 9)
    slowed = case.export()
    assert re.search(r"too many wrong tries; wait \d+ seconds", str(slowed.exception))
    assert len(case.events("export_tried")) == 11, "one that waits is not a try"
    assert not case.to.exists()
    note(case, "case_exported")
    assert case.export().exit_code == 0, "who got in begins anew"


def note(case: Case, *verbs: str) -> None:
    with case.install.running() as laid, laid.database.writing() as session:
        for verb in verbs:
            audit.record(session, laid.clock.now(session), actor="operator", verb=verb)


def test_what_the_audit_does_not_take_is_not_written(case: Case) -> None:
    full = (
        "BEFORE INSERT ON audit_event WHEN NEW.verb = 'case_exported' BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with case.install.running() as laid, laid.database.engine.begin() as connection:
        connection.execute(text(f"CREATE TRIGGER full {full}"))
    assert case.export().exit_code != 0
    assert list(case.to.parent.glob("case*")) == []
