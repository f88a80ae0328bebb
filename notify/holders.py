"""Who holds a team's key of today, and so can open its cases. Whoever left the team does not."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from notify.duty_tables import Responder
from vault.people_tables import TeamKeyCopy
from vault.statements import Statement

_later = aliased(TeamKeyCopy)
_NEWEST = select(func.max(_later.generation)).where(_later.team_id == TeamKeyCopy.team_id).scalar_subquery()
# Built once: every page that opens asks for it.
_HOLDERS = Statement(
    select(TeamKeyCopy.team_id, Responder.id)
    .outerjoin(Responder, Responder.member_id == TeamKeyCopy.holder)
    .where(TeamKeyCopy.team_id.in_(bindparam("teams", expanding=True)), TeamKeyCopy.generation == _NEWEST)
    .order_by(TeamKeyCopy.team_id, Responder.id)
)


def of(session: Session, teams: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Responder ids by team. A team that has no key at all is left out: nothing is known of it."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _HOLDERS.run(session, {"teams": teams}):
        known = found.setdefault(row.team_id, ())
        found[row.team_id] = (*known, row.id) if row.id else known
    return found
