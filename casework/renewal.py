"""A new team key as soon as somebody of the team is here after another one left it."""

import logging
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from casework.visit import Visit
from vault import admission, audit
from vault.errors import DirectoryError

_log = logging.getLogger(__name__)


def renewed(visit: Visit) -> Visit:
    """The visit, with the keys that were due made by this member: what they seal is sealed to the new ones.

    Whatever hinders it must not keep cases shut.
    """
    due = [team.id for team in visit.directory.stale_teams() if team.id in visit.teams]
    if not due:
        return visit
    try:
        with visit.deps.database.writing() as session:
            grown = admission.renew_stale(session, visit.keys, visit.deps.directory.current(session))
            for team in due:
                audit.record(session, visit.now, actor=visit.actor, verb="team_key_renewed", team=team)
    except (DirectoryError, SQLAlchemyError) as error:
        _log.warning("a team's new key is still due", extra={"error": type(error).__name__})
        return visit
    return replace(visit, directory=grown)
