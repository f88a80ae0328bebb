"""The audit's chain: places, one chainer's lease, and a database that refuses to change what was noted."""

import sqlalchemy as sa
from alembic import op

from vault.migrations.columns import counter, key, moment, number, words

revision = "audit_chain"
down_revision = "pulse"
additive = True

# An event may get its place in the chain, once, and lose its seconds. Nothing else ever.
_SAME = ("id", "actor", "verb", "pseudonym", "facts")
_CHAIN = ("seq", "link", "signature")


def upgrade() -> None:
    op.add_column("audit_event", number("seq", optional=True))
    chained, unchained = sa.text("seq IS NOT NULL"), sa.text("seq IS NULL")
    op.create_index(
        "uq_audit_event_seq",
        "audit_event",
        ["seq"],
        unique=True,
        sqlite_where=chained,
        postgresql_where=chained,
    )
    op.create_index(
        "ix_audit_event_unchained",
        "audit_event",
        ["id"],
        sqlite_where=unchained,
        postgresql_where=unchained,
    )
    op.create_table("audit_lease", counter("id"), words("holder"), moment("until"), key("audit_lease", "id"))
    for statement in _postgresql() if op.get_bind().dialect.name == "postgresql" else _sqlite():
        op.execute(statement)


def _allowed(equals: str) -> str:
    same = " AND ".join(f"NEW.{name} {equals} OLD.{name}" for name in _SAME)
    chained = " AND ".join(f"NEW.{name} {equals} OLD.{name}" for name in _CHAIN)
    return (
        f"{same} AND (NEW.at = OLD.at OR NEW.at = OLD.at - OLD.at % 60000)"
        f" AND (OLD.seq IS NULL OR ({chained}))"
    )


def _sqlite() -> tuple[str, ...]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'audit events stay as they are'); END"
    return (
        f"CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_event {refuse}",
        f"CREATE TRIGGER audit_event_same BEFORE UPDATE ON audit_event WHEN NOT ({_allowed('IS')}) {refuse}",
    )


def _postgresql() -> tuple[str, ...]:
    run = "EXECUTE FUNCTION audit_event_refuse()"
    return (
        (
            "CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'audit events stay as they are'; END $$"
        ),
        f"CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_event FOR EACH ROW {run}",
        f"CREATE TRIGGER audit_event_all_stay BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT {run}",
        (
            "CREATE TRIGGER audit_event_same BEFORE UPDATE ON audit_event FOR EACH ROW"
            f" WHEN (NOT ({_allowed('IS NOT DISTINCT FROM')})) {run}"
        ),
    )
