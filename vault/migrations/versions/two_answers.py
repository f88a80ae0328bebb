"""Who answered a page that takes two."""

from alembic import op

from vault.migrations.columns import belongs_to, key, moment, words

revision = "two_answers"
down_revision = "rosters"
additive = True


def upgrade() -> None:
    op.create_table(
        "page_answer",
        words("page_id"),
        words("member_id"),
        moment("at"),
        key("page_answer", "page_id", "member_id"),
        belongs_to("page_answer", "page_id", "page.id"),
    )
