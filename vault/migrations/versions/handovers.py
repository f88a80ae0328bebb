"""Cases that are offered to a colleague."""

from alembic import op

from vault.migrations.columns import belongs_to, key, moment, words

revision = "handovers"
down_revision = "wall_mark"
additive = True


def upgrade() -> None:
    op.create_table(
        "handover",
        words("id"),
        words("page_id"),
        words("from_member"),
        words("to_member"),
        words("state"),
        moment("offered_at"),
        moment("ends_at"),
        key("handover", "id"),
        belongs_to("handover", "page_id", "page.id"),
    )
    op.create_index("ix_handover_page_id", "handover", ["page_id"])
    op.create_index("ix_handover_end", "handover", ["state", "ends_at"])
