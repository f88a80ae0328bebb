"""Requests to see a texter's number."""

from alembic import op

from vault.migrations.columns import belongs_to, flag, key, moment, sealed, words

revision = "number_requests"
down_revision = "case_routes"
additive = True


def upgrade() -> None:
    op.create_table(
        "number_request",
        words("id"),
        words("report_id"),
        words("requester"),
        sealed("signature"),
        words("approver", optional=True),
        sealed("approval", optional=True),
        flag("alone"),
        sealed("sealed_number"),
        sealed("sealed_view", optional=True),
        moment("created_at"),
        moment("seen_at", optional=True),
        words("reviewer", optional=True),
        key("number_request", "id"),
        belongs_to("number_request", "report_id", "report.id"),
    )
    op.create_index("ix_number_request_report_id", "number_request", ["report_id"])
