"""How fast texts leave, by sending number, phone and school."""

from alembic import op

from vault.migrations.columns import key, moment, number, words

revision = "pace"
down_revision = "carrier_copies"
additive = True


def upgrade() -> None:
    op.create_table("pace", words("lane"), moment("free_at"), number("rank"), key("pace", "lane"))
