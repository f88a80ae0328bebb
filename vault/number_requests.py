"""Break-glass for a texter's number: who may see one, and that both signed for it.

The number is sealed to the line key; the pager alone opens it, and only for a request that passes here. It
seals it anew to the one member who asked. Keys come as arguments.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from vault import envelope, kem
from vault.errors import CannotOpenError
from vault.kem import PrivateKey
from vault.place import Kind, Place
from vault.signing import Signer, is_signed
from vault.tables import NumberRequest, RecipientTeam, Report
from vault.teams import Directory

VALID_MS = 60 * 60_000
ALONE_AFTER_MS = 5 * 60_000
_ASK, _APPROVE, _ALONE = (f"tipline/1/number-{act}".encode() for act in ("request", "approval", "alone"))


@dataclass(frozen=True)
class Asked:
    """A request where it belongs: the install, and the report it is about."""

    install: str
    report: Report
    row: NumberRequest = field(repr=False)

    def signed(self, label: bytes) -> tuple[bytes, ...]:
        """What is signed: this request, by this member, for this very sealed number."""
        names = (self.install, self.report.school, self.report.id, self.row.id, self.row.requester)
        return label, *(name.encode() for name in names), hashlib.sha256(self.row.sealed_number).digest()

    @property
    def place(self) -> bytes:
        """Where the number is sealed to, for the member who asked."""
        return Place(
            kind=Kind.NUMBER,
            install=self.install,
            school=self.report.school,
            report=self.report.id,
            message=self.row.id,
            recipient=f"member:{self.row.requester}",
        ).encode()


def ask(signer: Signer, asked: Asked) -> None:
    asked.row.signature = signer.sign(*asked.signed(_ASK))


def approve(signer: Signer, asked: Asked) -> None:
    """The second member's yes."""
    asked.row.approver, asked.row.approval = signer.member_id, signer.sign(*asked.signed(_APPROVE))


def go_alone(signer: Signer, asked: Asked) -> None:
    """The first member's word that nobody answered; the rules for it are in ``is_granted``."""
    asked.row.alone, asked.row.approval = True, signer.sign(*asked.signed(_ALONE))


def is_granted(session: Session, now: int, directory: Directory, asked: Asked, *, acknowledged: bool) -> bool:
    """Whether the requester may see the number: two members of the case's teams, or one under the rule.

    ``acknowledged``: somebody has taken a page of this case.
    """
    row = asked.row
    if not (0 <= now - row.created_at < VALID_MS) or not _by_reader(
        session, directory, asked, (row.requester, row.signature, _ASK)
    ):
        return False
    if row.alone:
        late = now - row.created_at >= ALONE_AFTER_MS
        urgent = asked.report.urgency == "immediate" and acknowledged
        return (
            late and urgent and _by_reader(session, directory, asked, (row.requester, row.approval, _ALONE))
        )
    second = (row.approver or "", row.approval, _APPROVE)
    return row.approver != row.requester and _by_reader(session, directory, asked, second)


def reveal_to(directory: Directory, asked: Asked, number: bytes) -> None:
    """Seal the opened number to the member who asked, and forget the copy for the line key."""
    to = directory.people[asked.row.requester].kem
    asked.row.sealed_view = kem.seal(envelope.pad(number), to, asked.place)
    asked.row.sealed_number = b""


def look(private: PrivateKey, asked: Asked) -> str:
    """The number, once: what was sealed is erased. Raises CannotOpenError when there is nothing to see."""
    if asked.row.sealed_view is None:
        raise CannotOpenError("not granted yet, or looked at before")
    number = envelope.unpad(kem.unseal(asked.row.sealed_view, private, asked.place))
    asked.row.sealed_view = None
    return number.decode()


def unreviewed(session: Session, report_ids: Collection[str], reader: str) -> list[NumberRequest]:
    """What members other than ``reader`` did alone and nobody reviewed yet, the oldest first."""
    rows = select(NumberRequest).where(
        NumberRequest.alone, NumberRequest.reviewer.is_(None), NumberRequest.requester != reader
    )
    mine = rows.where(NumberRequest.report_id.in_(report_ids))
    return list(session.scalars(mine.order_by(NumberRequest.created_at)))


def _by_reader(
    session: Session, directory: Directory, asked: Asked, by: tuple[str, bytes | None, bytes]
) -> bool:
    """Whether an active member who may open the case signed."""
    member, signature, label = by
    key = directory.member_sign_key(member)
    teams = select(RecipientTeam.team_id).where(RecipientTeam.report_id == asked.report.id)
    own = {team.id for team in directory.teams(asked.report.school)}
    reads = directory.may_open(member, own & set(session.scalars(teams)))
    return key is not None and reads and is_signed(key, signature or b"", *asked.signed(label))
