"""Cases that a member routed to another team: one signed row for each, believed only with its signature.

Whoever can write to the database alone cannot have later messages sealed to a team of their choice.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from vault.signing import Signer, is_signed
from vault.tables import CaseRoute
from vault.teams import Directory
from vault.threads import ThreadHead

_LABEL = b"tipline/1/case-route"


def add(session: Session, signer: Signer, head: ThreadHead, team_id: str) -> None:
    """Note, signed by a member, that ``team_id`` reads this thread from now on."""
    signature = sign(signer, head.install, head.school, head.report_id, team_id)
    row = CaseRoute(report_id=head.report_id, team_id=team_id, signer=signer.member_id, signature=signature)
    session.merge(row)


def sign(signer: Signer, install: str, school: str, report: str, team: str) -> bytes:
    """The member's word for it."""
    return signer.sign(*_signed(install, school, report, team))


def of_case(session: Session, directory: Directory, school: str, report_id: str) -> Mapping[str, str]:
    """Team to the member who routed the case to it: teams of ``school`` alone, rightly signed alone."""
    rows = session.scalars(select(CaseRoute).where(CaseRoute.report_id == report_id))
    own = {team.id for team in directory.teams(school)}
    return {
        row.team_id: row.signer for row in rows if row.team_id in own and _is_good(row, directory, school)
    }


def _is_good(row: CaseRoute, directory: Directory, school: str) -> bool:
    fields = _signed(directory.install, school, row.report_id, row.team_id)
    return any(is_signed(key, row.signature, *fields) for key in directory.reply_keys(row.signer, school))


def _signed(install: str, school: str, report: str, team: str) -> tuple[bytes, ...]:
    return _LABEL, install.encode(), school.encode(), report.encode(), team.encode()
