"""The standby rule: "received" must survive the machine that said so, therefore a standby is synchronous.

An asynchronous one may take over without the last messages, whose writers were told that we have them.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from vault.database import Database
from wiring.errors import NotFitError

WAITS = ("on", "remote_write", "remote_apply")
MAY_TAKE_OVER = ("sync", "quorum", "potential")
_SETTINGS = text(
    "SELECT current_setting('fsync'), current_setting('synchronous_commit'), "
    "current_setting('synchronous_standby_names')"
)
# A base backup under way is none; what somebody may not see comes as NULL.
_STANDBYS = text("SELECT sync_state FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup'")


def require_synchronous(database: Database) -> str:
    """What was found. NotFitError, with the remedy, when a message could be lost after "received"."""
    if database.is_sqlite:
        return "SQLite, one machine, no standby"
    with database.reading() as session:
        return _judge(session)


def _judge(session: Session) -> str:
    fsync, commit, names = session.execute(_SETTINGS).one()
    if fsync != "on":
        raise NotFitError("PostgreSQL does not wait for the disk; set fsync = on")
    if commit not in WAITS:
        raise NotFitError(f"synchronous_commit is {commit}: a commit may be lost; set it to on")
    found = [state for (state,) in session.execute(_STANDBYS)]
    if None in found:
        remedy = "run: GRANT pg_monitor TO the role of database.url"
        raise NotFitError(f"there is a standby, but this role may not see of which kind; {remedy}")
    loose = [state for state in found if state not in MAY_TAKE_OVER]
    if loose:
        remedy = "name it in synchronous_standby_names of the primary, then reload PostgreSQL"
        raise NotFitError(f"{len(loose)} standby is asynchronous and may lack the last messages; {remedy}")
    if names and not found:
        raise NotFitError("synchronous_standby_names is set and none is connected: commits wait; start it")
    return f"{len(found)} standby, each synchronous" if found else "no standby: a backup is all there is"
