"""Drills and the test of every week."""

import sqlalchemy as sa
from alembic import op

from vault.migrations.columns import belongs_to, key, moment, unique, words

revision = "drills"
down_revision = "page_trail"
additive = True


def upgrade() -> None:
    op.create_table(
        "drill",
        words("id"),
        words("school"),
        words("kind"),
        words("asked_by"),
        moment("asked_at"),
        moment("slot", optional=True),
        words("report_id", optional=True),
        moment("filed_at", optional=True),
        moment("ended_at", optional=True),
        sa.Column("well", sa.Boolean(), nullable=True),
        words("result", optional=True),
        key("drill", "id"),
        unique("uq_drill_slot", "school", "kind", "slot"),
        belongs_to("drill", "report_id", "report.id"),
    )
    op.create_index("ix_drill_asked", "drill", ["school", "asked_at"])
    op.create_index("ix_drill_report_id", "drill", ["report_id"])
