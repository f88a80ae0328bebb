"""What retention needs: legal holds, tombstones, and when a reporter took a thread back."""

from alembic import op

from vault.migrations.columns import belongs_to, key, moment, number, words

revision = "retention"
down_revision = "live_school"
additive = True


def upgrade() -> None:
    op.add_column("report", moment("withdrawn_at", optional=True))
    # No rule of deletion: a report that is held cannot be deleted, whatever a program tries.
    op.create_table(
        "legal_hold",
        words("report_id"),
        moment("since"),
        key("legal_hold", "report_id"),
        belongs_to("legal_hold", "report_id", "report.id", ondelete=None),
    )
    op.create_table(
        "tombstone",
        words("school"),
        words("month"),
        words("urgency"),
        number("reports"),
        key("tombstone", "school", "month", "urgency"),
    )
