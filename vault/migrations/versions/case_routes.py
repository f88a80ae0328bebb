"""Cases routed to another team by a member's signature."""

from alembic import op

from vault.migrations.columns import belongs_to, key, sealed, words

revision = "case_routes"
down_revision = "retention"
additive = True


def upgrade() -> None:
    op.create_table(
        "case_route",
        words("report_id"),
        words("team_id"),
        words("signer"),
        sealed("signature"),
        key("case_route", "report_id", "team_id"),
        belongs_to("case_route", "report_id", "report.id"),
    )
