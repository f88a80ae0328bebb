"""What the audit says of a page: found by an index, and given to the staff process page by page."""

from alembic import op

from vault.migrations.columns import moment, number

revision = "page_trail"
down_revision = "copy_senders"
additive = True

# The staff process reads no audit. Of a page it is told what the pager did, by whoever owns the database:
# with that one's rights it must read that one's table, none that the caller made (pg_temp comes last).
_OF_A_PAGE = """
CREATE FUNCTION page_events(page_id text) RETURNS TABLE (
    id integer, at bigint, actor text, verb text, pseudonym text, facts text, seq integer, link bytea,
    signature bytea, link_before bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.id, e.at, e.actor::text, e.verb::text, e.pseudonym::text, e.facts::text, e.seq, e.link,
        e.signature, (SELECT before.link FROM audit_event AS before WHERE before.seq = e.seq - 1)
    FROM audit_event AS e
    WHERE e.pseudonym = page_id AND (
        e.verb LIKE 'page\\_%' OR e.verb LIKE 'delivery\\_%' OR e.verb LIKE 'offer\\_%'
        OR e.verb IN ('case_offered', 'case_taken_over', 'acknowledgement_refused')
    )
    ORDER BY e.id
$$
"""


def upgrade() -> None:
    op.add_column("attempt", moment("delivered_at", optional=True))
    op.add_column("audit_lease", moment("checked_at", optional=True))
    op.add_column("audit_lease", number("checked_seq", optional=True))
    op.add_column("audit_lease", number("broken_seq", optional=True))
    op.create_index("ix_audit_event_pseudonym", "audit_event", ["pseudonym"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_OF_A_PAGE)
        op.execute("REVOKE EXECUTE ON FUNCTION page_events(text) FROM PUBLIC")
