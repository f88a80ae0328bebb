"""A small made-up school in a database: three members, two teams, one route that leads elsewhere."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from vault import directory, kem
from vault.directory import Directory
from vault.kem import PrivateKey
from vault.members import MemberKeys
from vault.recovery import RecoveryKeys
from vault.tables import Report
from vault.threads import RECEIPT, Recipient, ThreadHead, new_head

INSTALL = "install-1"
SCHOOL = "north"
COUNSELING, DISTRICT = "north-counseling", "north-district"
ROUTES = {"default": [COUNSELING], "adult_at_school": [DISTRICT]}
PEOPLE = ("ana", "ben", "cho")


@dataclass(frozen=True)
class School:
    """Everybody's keys, and the directory as it was made."""

    recovery: RecoveryKeys
    members: dict[str, MemberKeys]
    directory: Directory

    @property
    def root(self) -> str:
        return self.directory.fingerprint


def build_school(session: Session) -> School:
    """Ana and Ben counsel; Cho is the district's."""
    recovery = RecoveryKeys.from_seed(kem.new_seed())
    root = recovery.signer
    made = directory.add_root(session, root, INSTALL, recovery.kem.public)
    members = {}
    for name in PEOPLE:
        keys = members[name] = MemberKeys.from_seed(name, kem.new_seed())
        made = directory.add_member(session, root, made, name, keys.sign.public_key(), keys.kem.public)
    made = directory.add_team(session, root, made, COUNSELING, SCHOOL, "counseling", ["ana", "ben"])
    made = directory.add_team(session, root, made, DISTRICT, SCHOOL, "district", ["cho"])
    made = directory.add_routing(session, root, made, SCHOOL, ROUTES)
    return School(recovery, members, made)


def new_report(session: Session) -> ThreadHead:
    """An empty thread and its clear row."""
    head = new_head(INSTALL, SCHOOL)
    row = Report(
        id=head.report_id,
        school=SCHOOL,
        reference=head.report_id[:9],
        channel="web",
        urgency="urgent",
        arrived_minute=0,
        retain_until=0,
        pseudonym=head.report_id[::-1],
    )
    session.add(row)
    return head


def receipt_key() -> tuple[PrivateKey, Recipient]:
    """A reporter's key pair."""
    private = PrivateKey.from_seed(kem.new_seed())
    return private, Recipient(RECEIPT, private.public)
